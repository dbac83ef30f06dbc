"""Writes the table of public holidays that the native engine has built in.

    python tests/oracle/holidays_table.py > crates/engine/data/holidays.csv

A line is a date and where it is a holiday, by postal abbreviation: `*` everywhere, `* -AK -HI`
everywhere but there, or the places themselves, whichever is shorter. `US` stands for the federal
holidays.
"""

from holidays import country_holidays

YEARS = range(2015, 2041)
FEDERAL = "US"


def holidays_of(place, year):
    subdivision = None if place == FEDERAL else place
    return set(country_holidays("US", subdiv=subdivision, years=year))


def places_as_text(holding, places):
    if len(holding) * 2 <= len(places):
        return " ".join(sorted(holding))
    return " ".join(["*"] + [f"-{place}" for place in sorted(set(places) - holding)])


def table():
    places = [FEDERAL, *country_holidays("US").subdivisions]
    holding = {}
    for year in YEARS:
        for place in places:
            for date in holidays_of(place, year):
                holding.setdefault(date, set()).add(place)
    return [f"{date},{places_as_text(holding[date], places)}" for date in sorted(holding)]


if __name__ == "__main__":
    print("\n".join(table()))
