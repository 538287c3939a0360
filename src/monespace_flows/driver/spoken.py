"""In which language one is answered, and what is said beside the journeys' own screens."""

from __future__ import annotations

from attrs import frozen

from ..notices import NOTICES, words_of
from ..policy import Policy
from ..ports import Ports
from ..rules.passwords import label_strength, normalise
from ..screens import NoticeView
from ..texts import Catalogue, say_notice, say_problem, say_strength
from .acts import judge_new_password
from .keeping import Keeper
from .links import Links
from .operations import Operations
from .submit import Engine

__all__ = ()


@frozen
class Strength:
    """A strength as the screens name it, and why it is « Faible » when it is."""

    label: str
    reason: str | None


class Spoken(Operations):
    """What is said in one of the application's languages; ``catalogue`` holds them."""

    def __init__(
        self,
        engine: Engine,
        keeper: Keeper,
        ports: Ports,
        policy: Policy,
        catalogue: Catalogue,
    ) -> None:
        super().__init__(engine, keeper, ports, policy)
        self.catalogue = catalogue

    def _in(self, language: str | None) -> Engine:
        return self._engine.speaking(self.catalogue.language(language))

    def _links_in(self, language: str | None) -> Links:
        return Links(self._in(language), self._keeper)

    # --- words -----------------------------------------------------------------------------------

    def notice(self, notice_id: str, *, language: str | None = None) -> NoticeView:
        """Say a notice that no step shows, with the policy's numbers."""
        said = self.catalogue.language(language)
        notice = say_notice(NOTICES[notice_id], said.say_over)
        text = notice.text.format_map(words_of(self.policy, language=said))
        return NoticeView(id=notice.id, kind=notice.kind, text=text, links=notice.links)

    # --- passwords --------------------------------------------------------------------------------

    def strength(self, password: str) -> str:
        """Name a password's strength as the screens do: « Faible », « Moyen » or « Fort »."""
        return self.judge_strength(password).label

    def judge_strength(
        self, password: str, token: str | None = None, *, language: str | None = None
    ) -> Strength:
        """Name a password's strength, and say what to change while it is « Faible ».

        It is judged as it will be when it is sent, but for an address that is typed beside it.
        Whose words count is known once a journey asks for a password: only whoever has proved who
        they are may try what the Order knows of them.

        Args:
            password: what is being typed.
            token: the secret token of the journey in which it is typed, if any.
            language: in which to answer.

        Raises:
            PortUnavailable: the store did not answer.
        """
        policy, said = self.policy.passwords, self.catalogue.language(language)
        text = normalise(password[: policy.maximum_length + 1])
        known = self._engine.known_in(token)
        problem, score = judge_new_password(self.ports, text, known, policy)
        reason = None
        if problem is not None:
            words = words_of(self.policy, language=said)
            reason = say_problem(problem, said.say_over).format_map(words)
        label = label_strength(problem, score, policy)
        return Strength(say_strength(label, said.say_over), reason)
