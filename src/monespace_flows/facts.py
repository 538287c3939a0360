"""What the world answered: verdicts from closed sets, one facts type per kind of command.

Facts are all that a journey's guards read and all that the journal keeps, so none holds a typed
value or a secret: a wrong birth date is ``BIRTH_DATE_DIFFERS``, never a date.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

__all__ = [
    "FACTS_OF",
    "AccountVerdict",
    "Channel",
    "CodeFacts",
    "CodeVerdict",
    "Contact",
    "CredentialsFacts",
    "Deadline",
    "DoctorVerdict",
    "EmailVerdict",
    "Facts",
    "IdentityFacts",
    "IdentityVerdict",
    "LinkFacts",
    "LinkRequestFacts",
    "LinkRequestVerdict",
    "LinkVerdict",
    "NewPasswordFacts",
    "NoFacts",
    "PasswordVerdict",
    "Problem",
    "Role",
    "SendFacts",
    "SendVerdict",
    "SessionsFacts",
    "SettingsFacts",
    "SignInFacts",
    "SignInVerdict",
    "TermsVerdict",
    "TickFacts",
]


class Role(Enum):
    """Which public the person belongs to (``W1``); the registry says."""

    DOCTOR = "medecin"
    INTERN = "interne"
    JUNIOR_DOCTOR = "docteur_junior"


class Channel(Enum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


class Problem(Enum):
    """What is wrong with the shape of one field: ``field.problem``."""

    BIRTH_DATE_REQUIRED = "birth_date.required"
    BIRTH_DATE_SHAPE = "birth_date.shape"
    BIRTH_DATE_YEAR = "birth_date.year"
    BIRTH_DATE_UNREAL = "birth_date.unreal"
    BIRTH_DATE_RANGE = "birth_date.range"
    RPPS_REQUIRED = "rpps.required"
    RPPS_SHAPE = "rpps.shape"
    RPPS_LEADING_EIGHT = "rpps.leading_eight"
    RPPS_CHECK_DIGIT = "rpps.check_digit"
    TERMS_REQUIRED = "accept_terms.required"
    CHANNEL_REQUIRED = "channel.required"
    CHANNEL_UNKNOWN = "channel.unknown"
    CODE_REQUIRED = "code.required"
    CODE_SHAPE = "code.shape"
    EMAIL_REQUIRED = "email.required"
    EMAIL_SHAPE = "email.shape"
    EMAIL_CONFIRMATION_DIFFERS = "email_confirmation.differs"
    PASSWORD_REQUIRED = "password.required"
    PASSWORD_TOO_SHORT = "password.too_short"
    PASSWORD_TOO_LONG = "password.too_long"
    PASSWORD_GUESSABLE = "password.guessable"
    PASSWORD_PERSONAL = "password.personal"
    PASSWORD_CONFIRMATION_DIFFERS = "password_confirmation.differs"
    CURRENT_PASSWORD_REQUIRED = "current_password.required"

    @property
    def field(self) -> str:
        """The name of the field that the problem is about."""
        return self.value.partition(".")[0]


class TermsVerdict(Enum):
    """Whether the box of ``C1`` was ticked."""

    ACCEPTED = "accepted"
    MISSING = "missing"


class IdentityVerdict(Enum):
    """What the registry says of a pair of birth date and RPPS number."""

    NOT_ASKED = "not_asked"
    MATCH = "match"
    RPPS_UNKNOWN = "rpps_unknown"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    NOT_ADMITTED = "not_admitted"
    NO_CONTACT = "no_contact"
    THROTTLED = "throttled"


class AccountVerdict(Enum):
    """Whether the doctor has an account already.

    ``CHANGED``: one whose credentials changed since the journey was bound to it.  ``FROZEN``: one
    that nobody may recover, since somebody said that the last recovery was not theirs.
    """

    NOT_ASKED = "not_asked"
    NONE = "none"
    EXISTS = "exists"
    CHANGED = "changed"
    FROZEN = "frozen"


class DoctorVerdict(Enum):
    """Whether the registry, asked again, still admits the doctor."""

    NOT_ASKED = "not_asked"
    ADMITTED = "admitted"
    GONE = "gone"


class SendVerdict(Enum):
    """Whether a code may be sent now to the contact asked for.

    ``CHANNEL_CLOSED``: nobody is sent any more that way today.
    """

    NOT_ASKED = "not_asked"
    POSSIBLE = "possible"
    TOO_SOON = "too_soon"
    EXHAUSTED = "exhausted"
    CONTACT_GONE = "contact_gone"
    CHANNEL_CLOSED = "channel_closed"


class CodeVerdict(Enum):
    """What the code typed is worth."""

    NOT_ASKED = "not_asked"
    MATCHES = "matches"
    DIFFERS = "differs"
    LAST_TRY_DIFFERS = "last_try_differs"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


class EmailVerdict(Enum):
    """What an e-mail address is worth as a login: proof beats claim.

    ``UNCHANGED`` is the account's own already.  ``PROVEN``: free, and the code that the person
    typed was sent there.  ``CLAIMED``: proven too, but the login of an account whose holder never
    proved it.  ``SPENT``: free, but the account asked for as many other addresses today as it may.
    """

    NOT_ASKED = "not_asked"
    FREE = "free"
    PROVEN = "proven"
    CLAIMED = "claimed"
    UNCHANGED = "unchanged"
    TAKEN = "taken"
    DIFFERS_FROM_CONFIRMATION = "differs_from_confirmation"
    THROTTLED = "throttled"
    SPENT = "spent"


class PasswordVerdict(Enum):
    """What a new password is worth."""

    NOT_ASKED = "not_asked"
    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    WEAK = "weak"
    DIFFERS_FROM_CONFIRMATION = "differs_from_confirmation"


class SignInVerdict(Enum):
    """What an e-mail and password, or a present password, are worth.

    ``NOT_ADMITTED``: they are right, but the registry, asked again, no longer admits the person.
    ``FROZEN``: they are right, but somebody said that the account's recovery was not theirs.
    """

    NOT_ASKED = "not_asked"
    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    LOCKED = "locked"
    DISABLED = "disabled"
    NOT_ADMITTED = "not_admitted"
    FROZEN = "frozen"


class LinkRequestVerdict(Enum):
    """Whether a reset link leaves for the address typed; the person never sees which."""

    NOT_ASKED = "not_asked"
    SEND = "send"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    DISABLED = "disabled"
    THROTTLED = "throttled"


class LinkVerdict(Enum):
    """What a link is worth at the moment its button is pressed."""

    VALID = "valid"
    INVALID = "invalid"


class Deadline(Enum):
    """Which deadline the clock has passed."""

    ENTRY = "entry"
    JOURNEY = "journey"


@frozen
class Contact:
    """A contact detail that the Order holds, as the person may see it (``C6``).

    ``id`` is random for this journey; ``masked`` is all that is ever shown or stored.
    """

    id: str
    channel: Channel
    masked: str


@frozen(kw_only=True)
class Facts:
    """The root of all facts.

    ``problems`` are the fields whose shape is wrong; ``subject`` is a keyed pseudonym of the
    person, once the driver can tell; ``wait`` is in seconds, where something came too often.
    """

    problems: tuple[Problem, ...] = ()
    subject: str | None = None
    wait: int = 0


@frozen(kw_only=True)
class NoFacts(Facts):
    """For commands that need to know nothing."""


@frozen(kw_only=True)
class TickFacts(Facts):
    """Which deadline has passed."""

    deadline: Deadline


@frozen(kw_only=True)
class IdentityFacts(Facts):
    """For ``submit_identity``; ``warns``: the person is to be told of this failure."""

    terms: TermsVerdict = TermsVerdict.MISSING
    identity: IdentityVerdict = IdentityVerdict.NOT_ASKED
    account: AccountVerdict = AccountVerdict.NOT_ASKED
    role: Role | None = None
    contacts: tuple[Contact, ...] = ()
    terms_version: str | None = None
    offer_recovery: bool = False
    warns: bool = False


@frozen(kw_only=True)
class SendFacts(Facts):
    """For ``send_code`` and ``resend_code``."""

    send: SendVerdict = SendVerdict.NOT_ASKED
    contact: Contact | None = None
    code_is_live: bool = False


@frozen(kw_only=True)
class CodeFacts(Facts):
    """For ``submit_code``."""

    code: CodeVerdict = CodeVerdict.NOT_ASKED


@frozen(kw_only=True)
class CredentialsFacts(Facts):
    """For ``activate`` and ``create``."""

    doctor: DoctorVerdict = DoctorVerdict.NOT_ASKED
    account: AccountVerdict = AccountVerdict.NOT_ASKED
    email: EmailVerdict = EmailVerdict.NOT_ASKED
    password: PasswordVerdict = PasswordVerdict.NOT_ASKED


@frozen(kw_only=True)
class LinkRequestFacts(Facts):
    """For ``request_link`` and ``send_reset_link``."""

    request: LinkRequestVerdict = LinkRequestVerdict.NOT_ASKED


@frozen(kw_only=True)
class LinkFacts(Facts):
    """For ``use_link``."""

    link: LinkVerdict = LinkVerdict.INVALID


@frozen(kw_only=True)
class NewPasswordFacts(Facts):
    """For ``save_password``."""

    doctor: DoctorVerdict = DoctorVerdict.NOT_ASKED
    account: AccountVerdict = AccountVerdict.NOT_ASKED
    password: PasswordVerdict = PasswordVerdict.NOT_ASKED


@frozen(kw_only=True)
class SignInFacts(Facts):
    """For ``sign_in``.

    ``known_browser``: one where the account was signed in to, which has tries of its own.
    ``many``: what locks it are more failures than one person makes, so that an operator may have
    to unlock it.  ``warns``: the account's holder is to be told of this failure.
    """

    sign_in: SignInVerdict = SignInVerdict.NOT_ASKED
    known_browser: bool = False
    many: bool = False
    warns: bool = False


@frozen(kw_only=True)
class SettingsFacts(Facts):
    """For ``save``."""

    current: SignInVerdict = SignInVerdict.NOT_ASKED
    email: EmailVerdict = EmailVerdict.NOT_ASKED
    password: PasswordVerdict = PasswordVerdict.NOT_ASKED


@frozen(kw_only=True)
class SessionsFacts(Facts):
    """For ``close_sessions``: whether the account has other sessions than this one."""

    has_others: bool = False


FACTS_OF: dict[str, type[Facts]] = {
    "submit_identity": IdentityFacts,
    "extend": NoFacts,
    "send_code": SendFacts,
    "resend_code": SendFacts,
    "submit_code": CodeFacts,
    "back": NoFacts,
    "continue_recovery": NoFacts,
    "choose_email": NoFacts,
    "restart": NoFacts,
    "activate": CredentialsFacts,
    "create": CredentialsFacts,
    "request_link": LinkRequestFacts,
    "send_reset_link": LinkRequestFacts,
    "use_link": LinkFacts,
    "save_password": NewPasswordFacts,
    "sign_in": SignInFacts,
    "save": SettingsFacts,
    "close_sessions": SessionsFacts,
    "tick": TickFacts,
    # What operators do to an account: no journey's table decides it, its own journal tells it.
    "unlock": NoFacts,
    "disable": NoFacts,
    "enable": NoFacts,
    "import": NoFacts,
    # And what its holder does beside the journeys.
    "confirm": NoFacts,
    "sign_out": NoFacts,
    "accept_terms": NoFacts,
    "object": NoFacts,
    "freeze": NoFacts,
    "sign_in_elsewhere": NoFacts,
    "strike_off": NoFacts,
}
"""What must be known before each command's event, in the order of the guide."""
