"""A host's own flows, for programs that read journals: told again by their charts."""

from __future__ import annotations

from enum import Enum
from functools import partial

from ..chart import Flow
from ..flows import FLOWS
from ..notices import NOTICES
from ..retelling.compiled import HOST_FLOWS, FlowSummary, compiled_flow
from ..verify.compilation import describe
from .catalogue import CAUSES, OWN_CAUSES
from .words import EFFECTS, VERDICTS

__all__ = ["register_flow"]


def register_flow(flow: Flow) -> None:
    """Make a host's flow known to the commands of support, for as long as the program runs."""
    FLOWS[flow.name] = flow
    HOST_FLOWS[flow.name] = FlowSummary(flow.label, flow.finals), partial(describe, flow)
    NOTICES.update(flow.notices)
    for what, text in flow.words.items():
        if isinstance(what, Enum):
            VERDICTS[what] = text
        else:
            EFFECTS[what.__name__] = text
    # A cause that is there for all flows says what it says: a host adds, and replaces none.
    common = CAUSES.keys() - OWN_CAUSES.keys()
    own = {cause.id: cause for cause in flow.causes if cause.id not in common}
    OWN_CAUSES.update(own)
    CAUSES.update(own)
    compiled_flow.cache_clear()
