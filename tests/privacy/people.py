"""Invented people of whom every value is unmistakable."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen


@frozen(kw_only=True)
class Person:
    """Someone in the registry: what they type, and what the Order holds of them."""

    rpps: str
    born: date
    mobile: str
    order_email: str
    login: str
    other_login: str
    password: str
    other_password: str
    family_name: str
    given_name: str = "Hippolyte"
    wrong_born: date = field(default=date(1941, 2, 27))

    @property
    def birth_date(self) -> str:
        return f"{self.born:%d/%m/%Y}"

    @property
    def wrong_birth_date(self) -> str:
        return f"{self.wrong_born:%d/%m/%Y}"

    def row(self) -> str:
        """The person's line of the registry file."""
        return (
            f"{self.rpps},{self.born:%Y-%m-%d},medecin,inscrit,{self.mobile},{self.order_email},"
            f"Conseil départemental du Nord,{self.family_name},{self.given_name}"
        )

    def markers(self) -> dict[str, str]:
        """Everything of theirs that may stand nowhere, in every form it may take."""
        national = f"0{self.mobile[3:]}"
        pairs = " ".join(national[i : i + 2] for i in range(0, 10, 2))
        of_dates = {
            f"{which} {name}": written
            for which, born in (("birth date", self.born), ("wrong date", self.wrong_born))
            for name, written in (
                ("typed", f"{born:%d/%m/%Y}"),
                ("ISO", f"{born:%Y-%m-%d}"),
                ("digits", f"{born:%Y%m%d}"),
                ("repr", f"{born.year}, {born.month}, {born.day})"),
            )
        }
        return of_dates | {
            "RPPS": self.rpps,
            "mobile": self.mobile[1:],
            "mobile, national": national,
            "mobile, in pairs": pairs,
            "Order's e-mail": self.order_email.partition("@")[0],
            "login": self.login.partition("@")[0],
            "other login": self.other_login.partition("@")[0],
            "password": self.password,
            "other password": self.other_password,
            "family name": self.family_name,
            "given name": self.given_name,
        }


ZIBELINE = Person(
    rpps="99765432104",
    born=date(1951, 3, 19),
    mobile="+33639987654",
    order_email="ordre.zibeline@cn.medecin.example",
    login="saisie.zibeline@cachette.example",
    other_login="seconde.zibeline@cachette.example",
    password="quarante zibelines violettes",
    other_password="seize armoires normandes closes",
    family_name="Zibelinard",
)
HERMINE = Person(
    rpps="99876543218",
    born=date(1963, 8, 29),
    mobile="+33639981234",
    order_email="ordre.hermine@cn.medecin.example",
    login="saisie.hermine@cachette.example",
    other_login="seconde.hermine@cachette.example",
    password="douze hermines sous le givre",
    other_password="neuf lampadaires en faience",
    family_name="Herminoux",
)
MARTRE = Person(
    rpps="99543210987",
    born=date(1970, 10, 9),
    mobile="+33639984321",
    order_email="ordre.martre@cn.medecin.example",
    login="saisie.martre@cachette.example",
    other_login="seconde.martre@cachette.example",
    password="trente martres sur la dune",
    other_password="quatre horloges sans aiguille",
    family_name="Martrelle",
)
NOBODY = Person(
    rpps="99654321091",
    born=date(1957, 6, 23),
    mobile="+33639985678",
    order_email="ordre.loutre@cn.medecin.example",
    login="saisie.loutre@cachette.example",
    other_login="seconde.loutre@cachette.example",
    password="vingt loutres au crepuscule",
    other_password="onze paravents japonais bleus",
    family_name="Loutrel",
)
"""Whom no registry knows."""

KNOWN = (ZIBELINE, HERMINE, MARTRE)
WEAK = "marmotte"
