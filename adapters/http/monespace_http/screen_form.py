"""The fields of one form as the template needs them: ids, what was typed, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from monespace_flows.screens import FieldView

from .password_rules import Rule

__all__ = ["ScreenForm"]

_SECRET_KINDS = frozenset({"password", "code"})
_NO_BLAME: Mapping[str, tuple[str, ...]] = {}


@frozen(kw_only=True)
class ScreenForm:
    """The fields of a screen; ``suffix`` keeps ids apart when a page has two forms.

    ``blamed`` gives, for each field that a notice is about, the ids of those notices: a field
    without an error of its own is described by them.
    """

    fields: tuple[FieldView, ...]
    echo: Mapping[str, str] = field(repr=False)
    blamed: Mapping[str, tuple[str, ...]] = _NO_BLAME
    password_rules: tuple[Rule, ...] = ()
    suffix: str = ""

    def id(self, part: str, each: FieldView) -> str:
        """The id of a field, or of its label, hint or error."""
        return f"{part}-{each.name}{self.suffix}"

    def is_wrong(self, each: FieldView) -> bool:
        """Whether something is wrong with a field."""
        return bool(each.error) or each.name in self.blamed

    def described(self, each: FieldView) -> tuple[str, ...]:
        """The ids of all that describes a field: its hint, then what is wrong."""
        hint = (self.id("hint", each),) if each.hint or self.rules(each) else ()
        if each.error:
            return (*hint, self.id("error", each))
        return (*hint, *self.blamed.get(each.name, ()))

    def is_weak(self, each: FieldView) -> bool:
        """Whether a new password was typed and refused; none typed is not a weak one."""
        return bool(each.error and self.echo.get(each.name))

    def rules(self, each: FieldView) -> tuple[Rule, ...]:
        """What a new password must be: said as a list, it stands for the hint."""
        return self.password_rules if each.new_secret else ()

    def shown(self, each: FieldView) -> str:
        """What a field holds: what was just typed, else what the core says, never a secret."""
        if each.kind in _SECRET_KINDS:
            return ""
        if each.kind != "fixed" and each.name in self.echo:
            return self.echo[each.name]
        if each.kind == "radio" and len(each.options) == 1:
            return each.options[0].value
        return each.value or ""

    @property
    def account(self) -> str:
        """The login that a password manager must be told, where no field before says it."""
        names = [each.autocomplete for each in self.fields]
        if not any(each.new_secret for each in self.fields) or "username" not in names:
            return ""
        login = self.fields[names.index("username")]
        is_told = login is self.fields[0]
        return "" if is_told else self.shown(login)

    @property
    def obligation(self) -> str:
        """What must be filled in, in one sentence."""
        asked = [each for each in self.fields if each.kind != "fixed"]
        if not asked:
            return ""
        if not all(each.required for each in asked):
            return "Le nouveau mot de passe est facultatif, les autres champs sont obligatoires."
        if len(asked) == 1:
            return "Ce champ est obligatoire."
        return "Tous les champs sont obligatoires."
