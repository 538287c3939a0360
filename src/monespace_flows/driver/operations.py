"""What an operator and a host ask beside the journeys: accounts, events, whether all is well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from ..errors import PortUnavailable
from ..events import Event
from ..policy import Policy
from ..ports import Ports
from .dispatcher import Dispatcher, Handler
from .erasure import Eraser, Erasure
from .keeping import AccountView, Keeper, Kept
from .submit import Engine

__all__ = ["Operations"]

SomeEvent = TypeVar("SomeEvent", bound=Event)


class Operations:
    """The part of :class:`~monespace_flows.Flows` that no person in a browser presses for."""

    def __init__(self, engine: Engine, keeper: Keeper, ports: Ports, policy: Policy) -> None:
        self.ports = ports
        self.policy = policy
        self._engine = engine
        self._keeper = keeper
        self._eraser = Eraser.of(ports, policy)

    # --- accounts --------------------------------------------------------------------------------

    def erase_account(self, *, rpps: str | None = None, email: str | None = None) -> Erasure | None:
        """Erase someone's account with all that could be read or used of it (PR-07).

        Name the person by one of the two.  Journals stay, under a pseudonym, for as long as the
        policy keeps them; the person may create an account again at once.  Handlers of
        :class:`~monespace_flows.events.AccountErased` are called, in whichever process has them.

        Args:
            rpps: the person's RPPS number.
            email: the e-mail that the account is signed in to with.

        Returns:
            What went, in numbers; ``None`` when there was no such account.

        Raises:
            ValueError: not exactly one is given, or it can be nobody's; the message repeats
                nothing.
            PortUnavailable: something outside did not answer; nothing is erased.
        """
        erased = self._eraser.erase(rpps=rpps, email=email)
        self._engine.after_commit()
        return erased

    def account(self, account_id: str) -> AccountView | None:
        """Read an account by its id, as :class:`SessionView` and events name it; or ``None``."""
        return self._keeper.look(account_id)

    def unlock(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Forget the wrong passwords, birth dates, codes and addresses that keep someone out.

        They may try again at once; the same failures lock them out again.  A number or an address
        without an account may be locked, too.  The account's journal has a line of it, and handlers
        of :class:`~monespace_flows.events.AccountUnlocked` are called.

        Args:
            rpps: the person's RPPS number.
            email: the e-mail that the account is signed in to with.
            account_id: the account's id.

        Returns:
            What was forgotten, in numbers; ``None`` when there is no such account and nothing that
            locks it.

        Raises:
            ValueError: not exactly one is given, or it can be nobody's; the message repeats
                nothing.
            PortUnavailable: something outside did not answer; nothing is done.
        """
        return self._kept(self._keeper.unlock(rpps=rpps, email=email, account_id=account_id))

    def disable_account(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Let an account be signed in to no more; its sessions, links and known browsers end.

        What the person sees at sign-in is the refusal of ``S4``.  For arguments and errors see
        :meth:`unlock`; ``None`` when there is no such account.
        """
        return self._kept(self._keeper.disable(rpps=rpps, email=email, account_id=account_id))

    def enable_account(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Let a disabled account be signed in to again, with the password that it had.

        One that was frozen since somebody objected to a recovery opens without a password: its
        holder recovers it, with a code, and chooses another.

        Whom the registry does not admit is disabled again when they sign in.  For arguments and
        errors see :meth:`unlock`; ``None`` when there is no such account.
        """
        return self._kept(self._keeper.enable(rpps=rpps, email=email, account_id=account_id))

    def _kept(self, kept: Kept | None) -> Kept | None:
        self._engine.after_commit()
        return kept

    def purge(self) -> dict[str, int]:
        """Delete what is past its life, as ``monespace purge`` does; the counts by table."""
        now = self.ports.clock.now()
        return self.ports.storage.purge(now, now - self.policy.journeys.retention)

    # --- events, and whether all is well ----------------------------------------------------------

    def on(
        self,
        kind: type[SomeEvent],
        handler: Callable[[SomeEvent], None],
        *,
        name: str | None = None,
    ) -> None:
        """Call ``handler`` for each event of a kind, after the commit, at least once.

        The listener is remembered in the store: from now on each event of the kind waits for it,
        whichever process it happens in, while this one is away too.  Events of one name are
        handed to one process; each name gets its own.  A handler that raises is called again
        later, until the event is given up; it never undoes a journey.

        The relay of :func:`monespace_backends.from_settings` calls handlers in a thread of its
        own; without one, the next commit or :meth:`dispatch` does.

        Args:
            kind: a class of :mod:`monespace_flows.events`.
            handler: a plain function of one event.
            name: the listener's, the same in every process that may handle its events; by default
                the handler's module and name, so name it where those may change or say little
                (a lambda, a function of a script).

        Raises:
            TypeError: the kind is no event's, or the handler is a coroutine function.
            ValueError: the name is empty, too long or cannot be printed.
        """
        self._engine.dispatcher.on(kind, cast("Handler", handler), name)

    def off(self, kind: type[Event], name: str) -> int | None:
        """Forget a listener that is gone for good: no event of the kind waits for it any more.

        Args:
            kind: what it listened to.
            name: its name; ``monespace outbox listeners`` shows them all.

        Returns:
            How many events are dropped that waited for it; ``None`` when there is no such
            listener.

        Raises:
            TypeError: the kind is no event's.
            PortUnavailable: the store did not answer; nothing is forgotten.
        """
        return self._engine.dispatcher.off(kind, name)

    def dispatch(self) -> int:
        """Call this process's handlers for the events that wait; how many were handled."""
        return self._engine.dispatcher.run()

    def hand_events_over(self) -> Dispatcher:
        """Leave the handlers to a relay: from now on no commit calls them.

        Returns:
            What the relay runs again and again, in a thread of its own.
        """
        self._engine.calls_handlers = False
        return self._engine.dispatcher

    def ready(self) -> dict[str, bool]:
        """Say which ports answer: the store, the keys and the registry."""
        return {port: not kind for port, kind in self.troubles().items()}

    def troubles(self) -> dict[str, str]:
        """Say in a word what is wrong with the store, the keys and the registry; nothing: ``""``.

        The words are those of :attr:`~monespace_flows.errors.PortUnavailable.kind`.
        """
        return {
            "storage": _trouble(self.ports.storage.check),
            "keys": _trouble(lambda: self.ports.secrets.seal("")),
            "registry": _trouble(lambda: self.ports.registry.doctor("00000000000")),
        }

    def overdue(self) -> tuple[str, ...]:
        """Name the channels by which nothing leaves: ``"sms"``, ``"email"``.

        It is so when messages have waited for ``deliveries.alarm``, and none has left by the same
        channel since: the way out does not answer, or no relay runs.

        Raises:
            PortUnavailable: the store did not answer.
        """
        before = self.ports.clock.now() - self.policy.deliveries.alarm
        with self.ports.storage.reading() as unit:
            return tuple(unit.outbox.overdue(before))


def _trouble(ask: Callable[[], object]) -> str:
    try:
        ask()
    except PortUnavailable as error:
        return error.kind
    return ""
