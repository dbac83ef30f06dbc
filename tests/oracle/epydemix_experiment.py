"""Builds an experiment with PyPI's epydemix and simulates it, for comparison with the native engine.

    epydemix_experiment.py < request.json > answer.json

The request has the experiment's `model` section, the places to run it in, and where the data is:

    {"model": {...}, "places": [{"name", "listed", "iso", "abbreviation", "english"}, ...],
     "repository": ..., "population_data": ..., "tables": ..., "denominators": ...}

`listed` is the name in `locations.csv`; a place that no table has goes without the other forms.
`denominators` is the table of people by coverage group that is used where `tables` has no
population codebook with the place.

What is built follows the newest epymodelingsuite. Floating-point arrays are answered as hexadecimal
bytes, so that they can be compared bit by bit.
"""

import datetime
import json
import os
import sys

# numpy's vector variants of expm1 differ from the C library's in the last place.
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR")

import numpy as np
import pandas as pd
from epydemix.model.epimodel import EpiModel
from epydemix.population import load_epydemix_population
from epydemix.utils.utils import (
    apply_initial_conditions,
    apply_overrides,
    compute_simulation_dates,
    create_definitions,
    evaluate,
)
from holidays import country_holidays

DAY = pd.Timedelta(days=1)
SINGLE_AGES = [str(age) for age in range(84)] + ["84+"]
COVERAGE_GROUPS = {
    "6 Months - 4 Years": (0, 4),
    "5-12 Years": (5, 12),
    "13-17 Years": (13, 17),
    "18-49 Years": (18, 49),
    "50-64 Years": (50, 64),
    "65+ Years": (65, 84),
}


def ages_of(group):
    if group.endswith("+"):
        return int(group[:-1]), 84
    first, last = group.split("-")
    return int(first), int(last)


class Experiment:
    def __init__(self, request, place):
        self.request = request
        self.config = request["model"]
        self.place = place
        span = self.config["timespan"]
        self.start = pd.Timestamp(span["start_date"])
        self.end = pd.Timestamp(span["end_date"])
        self.dt = float(span.get("delta_t", 1.0))
        self.dates = compute_simulation_dates(self.start, self.end, dt=self.dt)

    def build(self):
        self.model = EpiModel()
        self.load_population()
        self.model.add_compartments([c["id"] for c in self.config["compartments"]])
        self.initial = self.initial_conditions()
        self.add_transitions()
        self.add_parameters()
        self.apply_seasonality()
        self.apply_interventions()

    # population

    def load_population(self):
        folder = self.request["population_data"]
        listed = pd.read_csv(f"{folder}/locations.csv").set_index("location")
        source = listed.loc[self.place["listed"], "primary_contact_source"]
        names = SINGLE_AGES if source == "mistry_2021" else None
        mapping = {}
        for group in self.config["population"]["age_groups"]:
            first, last = ages_of(group)
            if names is None:
                bins = range(first - first % 5, min(last, 75) + 1, 5)
                mapping[group] = ["75+" if b == 75 else f"{b}-{b + 4}" for b in bins]
            else:
                mapping[group] = names[first : last + 1]
        self.model.set_population(
            load_epydemix_population(
                self.place["listed"], path_to_data=f"{folder}/", age_group_mapping=mapping
            )
        )
        path = f"{folder}/data/{self.place['listed']}/demographic/age_distribution.csv"
        self.single_ages = pd.read_csv(path)["value"].to_numpy()
        self.sizes = self.model.population.Nk

    # initial conditions

    def initial_conditions(self):
        """People by compartment, or None for epydemix's default."""
        people, left = {}, self.sizes.astype(float)
        for compartment in self.config["compartments"]:
            init = compartment.get("init")
            if init is None or init == "default":
                continue
            if isinstance(init, list):
                placed = np.array([v if v >= 1 else n * v for v, n in zip(init, self.sizes)], float)
            elif init >= 1:
                placed = init * self.sizes / self.sizes.sum()
            else:
                placed = self.sizes * init
            people[compartment["id"]] = placed
            left = left - placed
        default = [c["id"] for c in self.config["compartments"] if c.get("init") == "default"]
        for compartment in default:
            people[compartment] = left / len(default)
        return people or None

    # transitions

    def add_transitions(self):
        vaccination = self.config.get("vaccination")
        for transition in self.config["transitions"]:
            ends = transition["source"], transition["target"]
            if transition["type"] == "mediated":
                params = (transition["rate"], transition["mediator"])
                self.model.add_transition(*ends, kind="mediated", params=params)
            elif transition["type"] == "spontaneous":
                self.model.add_transition(*ends, kind="spontaneous", params=transition["rate"])
        self.doses = None
        if not vaccination:
            return
        self.doses = self.vaccination_doses(vaccination)
        self.model.register_transition_kind(
            "vaccination",
            vaccination_rate(
                vaccination["origin_compartment"], vaccination["eligible_compartments"]
            ),
        )
        for transition in self.config["transitions"]:
            if transition["type"] == "vaccination":
                self.model.add_transition(
                    transition["source"], transition["target"], "vaccination", (self.doses,)
                )

    # parameters

    def add_parameters(self):
        parameters = self.config["parameters"]
        number = lambda v: eval(v) if isinstance(v, str) else v
        for name, entry in parameters.items():
            if entry["type"] == "scalar":
                self.model.add_parameter(name, float(number(entry["value"])))
            elif entry["type"] == "age_varying":
                values = np.array([[float(number(v)) for v in entry["values"]]])
                self.model.add_parameter(name, values)
        for name, entry in parameters.items():
            if entry["type"] == "calculated":
                self.model.add_parameter(name, self.calculate(entry["value"]))

    def calculate(self, expression):
        names = {"np": np}
        contacts = list(self.model.population.contact_matrices.values())
        names["eigenvalue"] = float(np.linalg.eigvals(np.sum(contacts, axis=0)).real.max())
        for name, value in self.model.parameters.items():
            names[name] = value if isinstance(value, np.ndarray) else float(value)
        for compartment, people in (self.initial or {}).items():
            names[compartment] = float(people.sum() / self.sizes.sum())
        value = eval(expression, {"__builtins__": {}}, names)
        return value if isinstance(value, np.ndarray) else float(value)

    def scale(self, name, factors):
        before = self.model.parameters[name]
        if isinstance(before, np.ndarray) and before.ndim == 2:
            after = factors[:, np.newaxis] * before
        else:
            after = factors * before
        self.model.add_parameter(name, after)

    def step_times(self):
        """The steps as datetimes, which is how the suite's seasonality counts."""
        start = self.start.to_pydatetime()
        return [start + datetime.timedelta(days=i * self.dt) for i in range(len(self.dates))]

    def apply_seasonality(self):
        seasonality = self.config.get("seasonality")
        if not seasonality:
            return
        start = self.start.to_pydatetime()
        days = lambda t: (t - start).total_seconds() / 86400
        date = datetime.datetime.fromisoformat
        peak = days(date(seasonality["seasonality_max_date"]))
        period = 365
        if "seasonality_min_date" in seasonality:
            period = 2 * abs(days(date(seasonality["seasonality_min_date"])) - peak)
        ratio = seasonality["min_value"] / seasonality["max_value"]
        factors = []
        for time in self.step_times():
            angle = 2 * np.pi / (period / self.dt) * (days(time) / self.dt - peak / self.dt)
            factors.append(((1 - ratio) * np.sin(angle + np.pi / 2) + 1 + ratio) / 2)
        self.scale(seasonality["target_parameter"], np.array(factors))

    # interventions

    def apply_interventions(self):
        interventions = self.config.get("interventions", [])
        date = datetime.date.fromisoformat
        for entry in interventions:
            if entry["type"] == "school_closure":
                for first, last, name in sorted(self.school_closures()):
                    self.model.add_intervention(
                        "school", first, last, reduction_factor=entry["scaling_factor"], name=name
                    )
        for entry in interventions:
            if entry["type"] == "contact_matrix":
                self.model.add_intervention(
                    entry["contact_matrix_layer"],
                    entry["start_date"],
                    entry["end_date"],
                    reduction_factor=entry["scaling_factor"],
                )
        for entry in interventions:
            if entry["type"] == "parameter" and "scaling_factor" in entry:
                first, last = date(entry["start_date"]), date(entry["end_date"])
                inside = [first <= time.date() <= last for time in self.step_times()]
                self.scale(
                    entry["target_parameter"], np.where(inside, entry["scaling_factor"], 1.0)
                )
        for entry in interventions:
            if entry["type"] == "parameter" and "override_value" in entry:
                self.model.override_parameter(
                    entry["start_date"],
                    entry["end_date"],
                    entry["target_parameter"],
                    entry["override_value"],
                )

    def school_closures(self):
        calendars = pd.read_csv(f"{self.request['tables']}/school_calendars_formatted.csv")
        years = range(self.start.year, self.end.year + 1)
        state = self.place.get("abbreviation", self.place["name"])
        rows = calendars if state == "US" else calendars[calendars.state == state]
        closures = set()
        for year in years:
            for row in rows.itertuples():
                closures.update(closures_of_row(row, year))
        if state == "US":
            closures = merged(closures)
        breaks = set(closures)
        subdivision = state if state != "US" and "abbreviation" in self.place else None
        for day, name in country_holidays("US", subdiv=subdivision, years=years).items():
            if not any(first <= day <= last for first, last, _ in breaks):
                closures.add((day, day, name))
        return closures

    # vaccination

    def vaccination_doses(self, vaccination):
        """Doses per day at every step, [T, G]."""
        groups = self.config["population"]["age_groups"]
        if "preprocessed_vaccination_data_path" in vaccination:
            path = f"{self.request['repository']}/{vaccination['preprocessed_vaccination_data_path']}"
            table = pd.read_csv(path, parse_dates=["dates"])
            table = table[table.location == self.place.get("iso", self.place["name"])]
            if "scenario" in table and "scenario" in vaccination:
                table = table[table.scenario == vaccination["scenario"]]
            daily = table.set_index("dates")[groups]
        else:
            path = f"{self.request['repository']}/{vaccination['scenario_data_path']}"
            daily = self.daily_doses(pd.read_csv(path), groups)
        steps = compute_simulation_dates(daily.index.min(), daily.index.max(), dt=self.dt)
        return daily.reindex(pd.DatetimeIndex(steps), method="ffill").to_numpy(float)

    def denominators(self):
        """People by coverage group, and by single age."""
        codebook = f"{self.request['tables']}/population_codebook.csv"
        if os.path.exists(codebook):
            table = pd.read_csv(codebook)
            if self.place["name"] in table:
                ages = table[self.place["name"]].to_numpy()
                return [ages[a : b + 1].sum() for a, b in COVERAGE_GROUPS.values()], ages
        table = pd.read_csv(self.request["denominators"]).set_index("location")
        if self.place.get("abbreviation") in table.index:
            return table.loc[self.place["abbreviation"]].to_list(), self.single_ages
        ages = self.single_ages
        return [ages[a : b + 1].sum() for a, b in COVERAGE_GROUPS.values()], ages

    def daily_doses(self, table, groups):
        table["Week_Ending_Sat"] = pd.to_datetime(table["Week_Ending_Sat"])
        table = table[table.Week_Ending_Sat >= self.start]
        first_week = table.Week_Ending_Sat.min()
        table = table[table.Geography == self.place.get("english", self.place["name"].replace("_", " "))]
        totals, ages = self.denominators()
        days = pd.date_range(self.start, self.end)
        by_coverage_group = []
        for label, total in zip(COVERAGE_GROUPS, totals):
            weeks = table[table.Age == label].sort_values("Week_Ending_Sat", kind="stable")
            by_coverage_group.append(self.spread(weeks, total, first_week, days))
        result = pd.DataFrame(index=days)
        for group in groups:
            first, last = ages_of(group)
            share = 0.0
            for doses, (a, b) in zip(by_coverage_group, COVERAGE_GROUPS.values()):
                low, high = max(first, a), min(last, b)
                weight = 0.0
                if low <= high:
                    weight = min(ages[low : high + 1].sum() / ages[a : b + 1].sum(), 1.0)
                share = share + doses * weight
            result[group] = share
        return result

    def spread(self, weeks, total, first_week, days):
        doses = {}

        def give(first, last, amount):
            for day in pd.date_range(first, last):
                doses.setdefault(day, round(amount))

        cumulative = (weeks.Coverage / 100 * total).round().to_numpy()
        day = self.start
        for week_end, new in zip(weeks.Week_Ending_Sat, np.diff(cumulative, prepend=0)):
            length = (week_end - day).days + 1
            if week_end >= self.end:
                give(day, self.end, new / ((self.end - day).days + 1))
                break
            if day + 6 * DAY <= first_week:
                give(day, week_end - 7 * DAY, 0)
                give(week_end - 7 * DAY, week_end, new / 7)
            elif length > 0:
                give(day, week_end, new / length)
            day = week_end + DAY
        return np.array([doses.get(day, 0) for day in days], float)

    # answer

    def answer(self):
        model, config = self.model, self.config
        frequency = config.get("simulation", {}).get("resample_frequency")
        results = model.run_simulations(
            start_date=self.start,
            end_date=self.end,
            initial_conditions_dict=self.initial,
            Nsim=config["simulation"]["n_sims"],
            dt=self.dt,
            resample_frequency=frequency,
            rng=np.random.default_rng(config["random_seed"]),
        )
        counts = {}
        for trajectory in results.trajectories:
            for name, values in {**trajectory.compartments, **trajectory.transitions}.items():
                counts.setdefault(name, []).append([int(v) for v in values])
        initial = self.initial or model.create_default_initial_conditions()
        return {
            "dates": [instant(date) for date in results.trajectories[0].dates],
            "counts": counts,
            "sizes": bits(self.sizes),
            "initial": apply_initial_conditions(model, initial).flatten().tolist(),
            "contacts": bits([model.Cs[date]["overall"] for date in self.dates]),
            "doses": None if self.doses is None else bits(self.doses[: len(self.dates)]),
            "rates": [bits(rate) for rate in self.rates()],
            "parameters": {name: bits(value) for name, value in model.parameters.items()},
        }

    def rates(self):
        """Every rate of a transition, in registration order: [T, G]."""
        shape = len(self.dates), len(self.sizes)
        definitions = create_definitions(self.model.parameters, *shape)
        definitions = apply_overrides(definitions, self.model.overrides, self.dates)
        for transition in self.model.transitions_list:
            rate = transition.params
            if transition.kind == "vaccination":
                continue
            if transition.kind == "mediated":
                rate = rate[0]
            if isinstance(rate, str):
                rate = definitions[rate] if rate in definitions else evaluate(rate, definitions)
            yield np.broadcast_to(rate, shape)


def vaccination_rate(origin, eligible):
    """The suite's formula: everybody eligible receives the same, the origin's people move."""

    def rate(params, data):
        people = lambda compartment: data["pop"][data["comp_indices"][compartment]]
        total = sum(people(compartment) for compartment in eligible)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0, people(origin) / total, 0)
            doses = params[0][data["t"]] * share
            rate = np.where(people(origin) > 0, doses / people(origin), 0)
        return np.maximum(rate, 0)

    return rate


def closures_of_row(row, year):
    day = datetime.date
    if row.event_name == "Thanksgiving Break":
        november = [day(year, 11, d) for d in range(22, 29)]
        friday = next(d for d in november if d.weekday() == 3) + datetime.timedelta(days=1)
        first = friday - datetime.timedelta(days=row.end_day - row.start_day)
        return [(first, friday, row.event_name)]
    years = [(year, year + 1), (year - 1, year)] if row.end_month < row.start_month else [(year, year)]
    return [
        (day(a, row.start_month, row.start_day), day(b, row.end_month, row.end_day), row.event_name)
        for a, b in years
    ]


def merged(closures):
    """Closures that share a day as one; those that only touch stay apart."""
    runs = []
    for first, last, _ in sorted(closures):
        if runs and first <= runs[-1][1]:
            runs[-1][1] = max(runs[-1][1], last)
        else:
            runs.append([first, last])
    return {(first, last, "break") for first, last in runs}


def instant(date):
    return str(np.datetime_as_string(np.datetime64(date), unit="ns"))


def bits(values):
    return np.ascontiguousarray(values, dtype="<f8").tobytes().hex()


def main():
    request = json.load(sys.stdin)
    answers = []
    for place in request["places"]:
        experiment = Experiment(request, place)
        experiment.build()
        answers.append(experiment.answer())
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
