"""Rules of passwords: how they are kept, compared and judged."""

from __future__ import annotations

from ...ports import Passwords
from .rules import holds, rule

__all__ = ()


@rule(
    "PORT-PASSWORDS-01",
    danger="Whoever types the right password stays outside, or any other comes in.",
    hint="Compare the whole password, and nothing but it.",
)
def the_right_one_fits(passwords: Passwords) -> None:
    """The right password fits, and no other does."""
    kept = passwords.hash("girafe tournevis")

    holds(passwords.verify(kept, "girafe tournevis"), "the right one does not fit")
    for other in ("", "girafe tournevi", "girafe tournevis ", "Girafe tournevis", "g\0"):
        holds(not passwords.verify(kept, other), "another one fits")


@rule(
    "PORT-PASSWORDS-02",
    danger="The first letters of a long password are enough.",
    hint="bcrypt cuts at 72 bytes and at a NUL: hash what comes in before, or take argon2.",
)
def nothing_is_cut(passwords: Passwords) -> None:
    """Nothing is cut: neither a long password, nor what follows a NUL."""
    long, cut = passwords.hash("x" * 256), passwords.hash("x\0y")

    holds(not passwords.verify(long, "x" * 72), "the start of a long one fits")
    holds(not passwords.verify(cut, "x"), "what stands before a NUL fits")


@rule(
    "PORT-PASSWORDS-03",
    danger="A page fails for who chose an emoji.",
    hint="Encode with surrogatepass; no limit of bytes below 1,024.",
)
def any_text_is_hashed(passwords: Passwords) -> None:
    """Any text can be hashed, and then fits."""
    for odd in ("", "é" * 200, "🦒" * 50, "\ud800", "a\0b", " espaces "):
        holds(passwords.verify(passwords.hash(odd), odd), "an odd one does not fit")


@rule(
    "PORT-PASSWORDS-04",
    danger="One table of hashes opens many accounts; who has the database reads passwords.",
    hint="A salt of its own for each hash.",
)
def hashes_are_salted(passwords: Passwords) -> None:
    """Two hashes of one password differ, and hide it."""
    one, other = passwords.hash("girafe"), passwords.hash("girafe")

    holds(one != other, "both hashes are the same")
    holds("girafe" not in one, "the password can be read")


@rule(
    "PORT-PASSWORDS-05",
    danger="An empty password opens an account that has none; a damaged row opens to all.",
    hint="Answer False for None and for what is no hash, after the same work.",
)
def no_hash_fits_nothing(passwords: Passwords) -> None:
    """Without a hash, or with a broken one, nothing fits."""
    for kept in (None, "", "x", "$argon2id$", "memory$1", "memory$1$1$é"):
        for typed in ("", "girafe"):
            holds(not passwords.verify(kept, typed), "something fits")


@rule(
    "PORT-PASSWORDS-06",
    danger="Old hashes stay weak for ever; or each sign-in hashes again.",
    hint="Compare the parameters in the hash with those in use; what is no hash is outdated.",
)
def old_hashes_are_known(passwords: Passwords) -> None:
    """A fresh hash is not outdated, and a broken one is."""
    holds(not passwords.is_outdated(passwords.hash("girafe")), "a fresh one is outdated")
    holds(passwords.is_outdated("broken"), "a broken one is not outdated")


@rule(
    "PORT-PASSWORDS-07",
    danger="Passwords are taken that everybody tries first.",
    hint="0 to 4, as zxcvbn scores; with a list of French words.",
)
def weak_ones_score_low(passwords: Passwords) -> None:
    """A weak password scores below 3."""
    for weak in ("", "aaaaaaaaaaaaaaaa", "motdepasse2026", "azertyuiop123"):
        holds(passwords.score(weak, ()) < 3, f"{weak!r} scores {passwords.score(weak, ())}")


@rule(
    "PORT-PASSWORDS-08",
    danger="Nobody's password is strong enough.",
    hint="3 or 4 for three rare words, or for a sentence; from 0 to 4 for whatever is long.",
)
def strong_ones_score_high(passwords: Passwords) -> None:
    """A strong password scores 3 or 4, and a very long one is scored at all."""
    for strong in ("tournevis-girafe-lundi", "Je bois 3 thés à Vézelay !"):
        holds(passwords.score(strong, ("john@x.example",)) >= 3, f"{strong!r} scores below 3")
    long = passwords.score("tournevis-girafe-lundi" * 12, ())
    holds(long in range(5), f"a long one scores {long}")


@rule(
    "PORT-PASSWORDS-09",
    danger="A doctor's own name or address is their password.",
    hint="Hand the person's own words to the estimate.",
)
def own_words_count_little(passwords: Passwords) -> None:
    """A person's own words count little, and are strong for anybody else."""
    own = "zwirnklopp@chu.example"

    holds(passwords.score(own, (own, "99000000002", "Lé")) < 3, "their own word scores high")
    holds(passwords.score(own, ()) >= 3, "it scores low for others too")
