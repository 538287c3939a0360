"""Seeded changes of a chart: the gate puts each in its class."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from monespace_flows.chart import Flow
from monespace_flows.flows import FLOWS
from monespace_flows.journal.export import Shapes, decode_journeys, is_shape, read_shape
from monespace_flows.support.gate import Drift, DriftKey, Gate, Report, judge, paste, read_waivers
from tests.support.make_corpus import journeys

Raw = dict[str, Any]


def seeded(name: str, *changes: tuple[str, str]) -> Flow:
    """A flow whose files were edited: each text must be there, and is replaced everywhere."""
    package = f"monespace_flows.flows.{name}"
    edited = f"{package}_seeded"
    sources = {}
    for module in ("table", "screens", ""):
        spec = find_spec(f"{package}.{module}".rstrip("."))
        assert spec is not None
        assert spec.origin is not None
        sources[f"{edited}.{module}".rstrip(".")] = Path(spec.origin).read_text("utf-8")
    for old, new in changes:
        assert any(old in source for source in sources.values())
        sources = {module: source.replace(old, new) for module, source in sources.items()}
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        for module, source in sources.items():
            made[module] = types.ModuleType(module)
            made[module].__package__ = edited
            patch.setitem(sys.modules, module, made[module])
            exec(compile(source, module, "exec"), made[module].__dict__)  # noqa: S102 - our own source
    flow = getattr(made[edited], name.upper())
    assert isinstance(flow, Flow)
    return flow


@pytest.fixture(scope="module")
def recorded() -> Sequence[list[Raw]]:
    return list(decode_journeys(line for recorded in journeys() for line in recorded.lines))


def gated(flow: Flow, recorded: Sequence[list[Raw]]) -> Report:
    return Gate({**FLOWS, flow.name: flow}).judge_all(recorded)


SEEDS = [
    ("creation", Drift.SAME, [('"""Creating one\'s space."""', '"""Creating it."""')]),
    # a row removed
    (
        "creation",
        Drift.OTHER_SCREEN,
        [("| choose_channel.to(enter_code, cond=code_still_waits, on=say(CODE_TOO_SOON))\n", "")],
    ),
    (
        "creation",
        Drift.CANNOT_FOLD,
        [("| choose_channel.to(expired, on=[forget_contacts, say(JOURNEY_EXPIRED)])\n", "")],
    ),
    (
        "creation",
        Drift.EFFECT_LOST,
        [("stay(enter_code, cond=was_last_try, on=[count_try, say(CODE_WRONG, CODE_EXHAUSTED)])",
          "stay(enter_code, cond=was_last_try, on=say(CODE_WRONG, CODE_EXHAUSTED))")],
    ),
    # a guard flipped
    ("creation", Drift.OTHER_SCREEN, [("cond=is_known, on=", "unless=is_known, on=")]),
    ("recovery", Drift.OTHER_SCREEN, [("cond=recovery_is_offered", "unless=recovery_is_offered")]),
    ("reset", Drift.OTHER_END, [("cond=account_has_changed", "unless=account_has_changed")]),
    ("signin", Drift.OTHER_END, [("cond=credentials_are_right", "unless=credentials_are_right")]),
    # an effect dropped, moved, added
    (
        "creation",
        Drift.EFFECT_LOST,
        [('wish(CreateAccount(), SendLetter("account.created"))', "wish(CreateAccount())")],
    ),
    (
        "creation",
        Drift.EFFECT_LOST,
        [('wish(CreateAccount(), SendLetter("account.created"))',
          'wish(SendLetter("account.created"), CreateAccount())')],
    ),
    (
        "creation",
        Drift.NEW_EFFECT,
        [("wish(CreateAccount(), Send", "wish(CountFailure(Budget.EMAIL), CreateAccount(), Send")],
    ),
    # what an effect says
    (
        "creation",
        Drift.OTHER_CONTENT,
        [('CreateAccount(), SendLetter("account.created"))',
          'CreateAccount(), SendLetter("account.created.proven"))')],
    ),
    (
        "creation",
        Drift.OTHER_CONTENT,
        [('wish(CreateAccount(), Send', "wish(CreateAccount(address_is_proven=True), Send")],
    ),
    (
        "creation",
        Drift.OTHER_CONTENT,
        [("CreateAccount(address_is_proven=True)", "CreateAccount()")],
    ),
    ("creation", Drift.OTHER_CONTENT, [("Budget.IDENTITY", "Budget.CODE")]),
    ("recovery", Drift.OTHER_CONTENT, [("Budget.IDENTITY", "Budget.EMAIL")]),
    (
        "recovery",
        Drift.OTHER_CONTENT,
        [('"account.recovered.previous"', '"account.recovered.order"')],
    ),
    ("signin", Drift.OTHER_CONTENT, [("Budget.PASSWORD", "Budget.BROWSER")]),
    ("signin", Drift.OTHER_CONTENT, [("OpenSession(by_password=True)", "OpenSession()")]),
    (
        "settings",
        Drift.OTHER_CONTENT,
        [('SendLetter("password.changed")', 'SendLetter("email.changed")')],
    ),
    (
        "reset",
        Drift.OTHER_CONTENT,
        [("ChangeCredentials(address_is_proven=True)", "ChangeCredentials()")],
    ),
    # a notice changed
    ("creation", Drift.WORDING, [("say(CODE_WRONG)]),  # C7", "say(CODE_EXPIRED)]),  # C7")]),
    ("creation", Drift.WORDING, [("on=[send_new_code, say(CODE_RESENT)]", "on=send_new_code")]),
    # a screen changed
    ("creation", Drift.OTHER_SCREEN, [('id="creation.enter_code"', 'id="creation.type_code"')]),
    ("creation", Drift.OTHER_SCREEN, [('id="creation.enter_identity"', 'id="creation.identity"')]),
    (
        "creation",
        Drift.OTHER_SCREEN,
        [("| enter_code.to(choose_channel)  # C7", "| enter_code.to(enter_identity)  # C7")],
    ),
    # a state renamed
    (
        "creation",
        Drift.CANNOT_FOLD,
        [("enter_code", "type_code"), ("shared.type_code(", "shared.enter_code(")],
    ),
    ("recovery", Drift.CANNOT_FOLD, [("account_found", "account_is_there")]),
    ("creation", Drift.CANNOT_FOLD, [("enter_identity", "say_who")]),
    # another end
    (
        "creation",
        Drift.OTHER_END,
        [("choose_credentials.to(\n            created,", "choose_credentials.to(expired,")],
    ),
    (
        "creation",
        Drift.OTHER_SCREEN,
        [("Créer votre espace\", initial=True)", "Créer votre espace\")"),
         ('State("Sécuriser la création de votre espace")',
          'State("Sécuriser la création de votre espace", initial=True)')],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "drift", "changes"),
    SEEDS,
    ids=[f"{name}-{drift.value}-{place}" for place, (name, drift, _) in enumerate(SEEDS)],
)
def test_a_seeded_change_is_put_in_its_class(
    name: str, drift: Drift, changes: list[tuple[str, str]], recorded: Sequence[list[Raw]]
) -> None:
    report = gated(seeded(name, *changes), recorded)
    ranked = report.ranked()

    assert (ranked[0].place.drift if ranked else Drift.SAME) is drift
    assert sum(report.by_drift.values()) == report.journeys == len(recorded)
    assert report.touched == sum(n for it, n in report.by_drift.items() if it is not Drift.SAME)
    for cluster in ranked:
        assert cluster.example in {lines[0]["reference"] for lines in recorded}


def test_today_s_charts_drift_nowhere(recorded: Sequence[list[Raw]]) -> None:
    report = Gate(FLOWS).judge_all(recorded)

    assert report.by_drift[Drift.SAME] == report.journeys
    assert report.share == 0
    assert Report().share == 0


def test_a_cluster_names_its_place_and_its_smallest_example(recorded: Sequence[list[Raw]]) -> None:
    flow = seeded("creation", ("say(CODE_WRONG)]),  # C7", "say(CODE_EXPIRED)]),  # C7"))
    cluster = gated(flow, recorded).ranked()[0]
    touched = [
        lines
        for lines in recorded
        if any(line["notices"] == ["code.wrong"] and line["flow"] == "creation" for line in lines)
    ]

    assert cluster.place == DriftKey(
        Drift.WORDING, "creation", "enter_code", "submit_code", "code.wrong", "code.expired"
    )
    assert cluster.count == len(touched)
    assert cluster.example_length == min(len(lines) for lines in touched)
    assert cluster.fingerprint == FLOWS["creation"].fingerprint
    assert Drift.SAME.grade == 0


def test_the_shortest_journey_is_the_example_whatever_the_order(
    recorded: Sequence[list[Raw]],
) -> None:
    flow = seeded("creation", ('id="creation.enter_code"', 'id="creation.type_code"'))
    forth, back = gated(flow, recorded).ranked(), gated(flow, recorded[::-1]).ranked()

    assert [(it.place, it.example) for it in forth] == [(it.place, it.example) for it in back]


def test_a_line_of_before_contents_were_kept_is_compared_by_kind_and_counted(
    recorded: Sequence[list[Raw]],
) -> None:
    older = [[{it: line[it] for it in line if it != "told"} for line in one] for one in recorded]
    letter = ('CreateAccount(), SendLetter("account.created"))',
              'CreateAccount(), SendLetter("account.created.proven"))')  # fmt: skip
    report = gated(seeded("creation", letter), older)

    assert report.touched == 0
    assert report.by_kind == sum(any(it["effects"] for it in one) for one in recorded) > 0
    assert gated(seeded("creation", letter), recorded).by_kind == 0


def test_an_unknown_flow_or_command_cannot_be_folded(recorded: Sequence[list[Raw]]) -> None:
    gate = Gate({"creation": FLOWS["creation"]})
    other = next(lines for lines in recorded if lines[0]["flow"] == "reset")
    creation = next(lines for lines in recorded if lines[0]["flow"] == "creation")
    odd = [creation[0], {**creation[1], "command": "fly"}, *creation[2:]]

    assert gate.judge(other) is Drift.CANNOT_FOLD
    assert gate.judge(odd) is Drift.CANNOT_FOLD


def test_a_journey_without_its_start_is_told_from_the_first_screen(
    recorded: Sequence[list[Raw]],
) -> None:
    creation = next(lines for lines in recorded if lines[0]["flow"] == "creation")

    assert Gate(FLOWS).judge(creation[1:]) is Drift.SAME


# --- waivers -------------------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


def test_the_waiver_to_paste_waives_once_reason_and_end_are_filled_in(
    recorded: Sequence[list[Raw]],
) -> None:
    flow = seeded("creation", ("say(CODE_WRONG)]),  # C7", "say(CODE_EXPIRED)]),  # C7"))
    ranked = gated(flow, recorded).ranked()
    pasted = paste(ranked[0].place).replace('reason = ""', 'reason = "agreed"') + "2026-11-22"
    waivers = read_waivers(pasted)
    judged = judge(ranked, waivers, TODAY)

    assert (judged.open, judged.waived) == ((), tuple(ranked))
    later = judge(ranked, waivers, date(2026, 11, 23))
    assert (later.open, later.ended) == (tuple(ranked), waivers)
    assert judge([], waivers, TODAY).unused == waivers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[waiver]]\nflow = "creation"', "waiver 1: state, event, expected, actual, reason is"),
        ("until = 2026-13-01", "line 1"),
        (
            '[[waiver]]\nflow="a"\nstate="b"\nevent="c"\nexpected="d"\nactual="e"\nreason="f"',
            "waiver 1: until is missing",
        ),
        (
            (
                '[[waiver]]\nflow="a"\nstate="b"\nevent="c"\nexpected="d"\nactual="e"\nreason=" "\n'
                "until=2027-01-01"
            ),
            "waiver 1: reason is missing",
        ),
    ],
)
def test_a_waiver_without_reason_or_end_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_waivers(text)


def test_no_waivers_waive_nothing() -> None:
    assert read_waivers("") == ()


# --- shapes --------------------------------------------------------------------------------------


def count_all(journeys: Sequence[Sequence[Raw]]) -> Shapes:
    """The shapes of a corpus."""
    shapes = Shapes()
    for journey in journeys:
        shapes.add(journey)
    return shapes


def test_shapes_count_paths_and_hold_nobody(recorded: Sequence[list[Raw]]) -> None:
    twice = count_all([*recorded, *recorded])
    lines = list(twice.write())
    text = "".join(lines)

    assert sum(json.loads(line)["count"] for line in lines) == 2 * len(recorded)
    assert len(twice) == len(lines) <= len(recorded)
    assert lines == list(count_all([*recorded[::-1], *recorded]).write())
    for journey in recorded:
        assert journey[0]["reference"] not in text
        assert all(line["hash"] not in text for line in journey)
    assert "***" not in text
    assert "subject" not in text


def test_the_gate_reads_shapes(recorded: Sequence[list[Raw]]) -> None:
    shapes = [json.loads(line) for line in count_all(recorded).write()]
    gate = Gate(FLOWS)
    for number, shape in enumerate(shapes, 1):
        assert is_shape(shape)
        lines, count = read_shape(shape, number)
        assert gate.judge(lines, count) is Drift.SAME

    assert gate.report.journeys == len(recorded)
    assert not is_shape(recorded[0][0])
    assert len(Shapes()) == 0


@pytest.mark.parametrize("shape", [{}, {"steps": [{}], "flow": "reset"}, {"steps": 3}])
def test_what_is_no_shape_is_refused_by_its_number(shape: Raw) -> None:
    with pytest.raises(ValueError, match=r"^line 7 is not a shape$"):
        read_shape(shape, 7)
