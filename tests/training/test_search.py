"""The search finds what was planted, goes on where it was broken off, and shares out the backbones."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")
pytest.importorskip("optuna", reason="training packages are not installed: make setup-training")

import optuna
import torch

from training.model.network import ExpressionNet
from training.report.balancing import balancing_conclusion, t_interval
from training.stages import search as searching
from training.stages.search import Objective, assign_backbones, ended, open_study, search, with_winners


@pytest.fixture
def all_searched(settings):
    """The tiny settings with a search for every member, of backbones of the table."""
    member = replace(settings.members["a"], backbone="narrow")
    trials = dict.fromkeys(settings.members, 3)
    return replace(
        settings,
        members=settings.members | {"a": member},
        search=replace(settings.search, trials=trials),
    )


@pytest.fixture
def run(prepared, all_searched, tmp_path):
    """A run with backbones whose weights are drawn by chance."""
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    for place, name in enumerate(all_searched.backbones):
        torch.manual_seed(place)
        torch.save(ExpressionNet(all_searched.backbones[name]).state_dict(), tmp_path / f"backbone-{name}.pt")
    return tmp_path


def score_by_backbone(planted: dict[str, float]):
    """A stand-in for a trial's training: its score is what was planted for its backbone, less for a wild
    learning rate."""

    def score(self, hyperparameters, seed, report):
        value = planted[hyperparameters.backbone] - abs(np.log10(hyperparameters.learning_rate / 0.02)) / 10
        report(1, value)
        return value

    return score


def test_the_search_prefers_the_planted_backbone(run, all_searched, monkeypatch):
    monkeypatch.setattr(Objective, "score", score_by_backbone({"narrow": 0.3, "middle": 0.4, "wide": 0.9}))
    wanted = replace(all_searched, search=replace(all_searched.search, trials={"a": 12, "b": 3, "c": 3}))
    search(run, wanted, "a")
    study = open_study(run, "member-a")
    assert study.best_trial.params["backbone"] == "wide"
    # Two of three members have not been searched yet: nothing is decided.
    assert with_winners(wanted, run) == wanted


def test_every_backbone_is_tried_to_the_end_with_every_kind_of_balancing_first(
    run, all_searched, monkeypatch
):
    def ended_early(self, hyperparameters, seed, report):
        # The later, the worse: the median rule ends all that it may.
        for epoch in range(1, 4):
            report(epoch, 1.0 / (1 + seed))
        return 1.0 / (1 + seed)

    monkeypatch.setattr(Objective, "score", ended_early)
    search(
        run, replace(all_searched, search=replace(all_searched.search, trials={"a": 14, "b": 3, "c": 3})), "a"
    )
    trials = open_study(run, "member-a").trials
    tried = {(trial.params["backbone"], trial.params["balance"]) for trial in trials[:9]}
    assert tried == set(itertools.product(all_searched.backbones, searching.KINDS))
    assert [trial.state.name for trial in trials[:9]] == ["COMPLETE"] * 9
    assert "PRUNED" in [trial.state.name for trial in trials[9:]]


def test_a_broken_off_search_goes_on_with_the_next_trial(run, all_searched, monkeypatch):
    class KilledError(Exception):
        pass

    scored = []
    planted = score_by_backbone({"narrow": 0.3, "middle": 0.4, "wide": 0.5})

    def die_in_the_eighth(self, hyperparameters, seed, report):
        scored.append(hyperparameters)
        if len(scored) == 8:
            raise KilledError
        return planted(self, hyperparameters, seed, report)

    monkeypatch.setattr(Objective, "score", die_in_the_eighth)
    with pytest.raises(KilledError):
        search(run, all_searched, "a")
    search(run, all_searched, "a")
    # Three kinds with two seeds each, three trials, and the one that was broken off.
    assert len(scored) == 6 + 3 + 1
    balancing = [(t.params["balance"], t.params["seed"]) for t in ended(open_study(run, "balance-a"))]
    assert sorted(balancing) == sorted((kind, seed) for kind in searching.KINDS for seed in (0, 1))
    assert len(ended(open_study(run, "member-a"))) == 3


def test_the_winners_are_used(run, all_searched, monkeypatch):
    monkeypatch.setattr(Objective, "score", score_by_backbone({"narrow": 0.3, "middle": 0.4, "wide": 0.5}))
    search(run, all_searched)
    found = with_winners(all_searched, run)
    assert sorted(member.backbone for member in found.members.values()) == ["middle", "narrow", "wide"]
    for name, member in found.members.items():
        assert member.seed == all_searched.members[name].seed
        assert member.epochs == all_searched.members[name].epochs
        assert member.learning_rate != all_searched.members[name].learning_rate


def test_what_a_member_keeps_is_not_for_the_search(run, all_searched, monkeypatch):
    monkeypatch.setattr(Objective, "score", score_by_backbone({"narrow": 0.3, "middle": 0.4, "wide": 0.5}))
    pinned = replace(all_searched.members["b"], pinned={"backbone": "narrow", "own_share": 0.9})
    wanted = replace(all_searched, members={**all_searched.members, "b": pinned})
    search(run, wanted)
    found = with_winners(wanted, run).members
    assert (found["b"].backbone, found["b"].own_share) == ("narrow", 0.9)
    assert found["b"].learning_rate != all_searched.members["b"].learning_rate
    assert {found["a"].backbone, found["c"].backbone} == {"middle", "wide"}


def test_a_member_without_trials_stays_as_it_is_and_keeps_its_backbone(run, all_searched, monkeypatch):
    monkeypatch.setattr(Objective, "score", score_by_backbone({"narrow": 0.9, "middle": 0.4, "wide": 0.5}))
    free = {name: replace(all_searched.members[name], pinned={}) for name in ("b", "c")}
    wanted = replace(
        all_searched,
        members=all_searched.members | free,
        search=replace(all_searched.search, trials={"b": 9, "c": 9}),
    )
    with pytest.raises(ValueError, match="there is no 'a'; the settings have b, c"):
        search(run, wanted, "a")
    search(run, wanted)
    found = with_winners(wanted, run).members
    assert found["a"] == all_searched.members["a"]
    # Both would take narrow, which is a's.
    assert {found["b"].backbone, found["c"].backbone} == {"middle", "wide"}
    assert balancing_conclusion(run, wanted).startswith("Member b: ")
    with pytest.raises(KeyError):
        open_study(run, "member-a")
    with pytest.raises(ValueError, match="trials for no member"):
        search(run, replace(wanted, search=replace(wanted.search, trials={})))


def study_of(scores: dict[str, float]):
    study = optuna.create_study(direction="maximize")
    backbones = optuna.distributions.CategoricalDistribution(["narrow", "middle", "wide"])
    number = optuna.distributions.FloatDistribution(0, 1)
    kinds = optuna.distributions.CategoricalDistribution(["none", "under", "over"])
    for backbone, score in scores.items():
        values = {"own_share": 0.3, "balance_strength": 0.4, "augmentation": 0.9, "learning_rate": score / 10}
        study.add_trial(
            optuna.trial.create_trial(
                params={"backbone": backbone, "balance": "over", **values},
                distributions={"backbone": backbones, "balance": kinds, **dict.fromkeys(values, number)},
                value=score,
            )
        )
    return study


def test_backbones_are_shared_out_for_the_greatest_sum():
    studies = {
        "a": study_of({"narrow": 0.7, "middle": 0.5, "wide": 0.8}),
        "b": study_of({"narrow": 0.2, "middle": 0.3, "wide": 0.6}),
        "c": study_of({"narrow": 0.5, "middle": 0.6}),
    }
    # All would take wide; by sums: a narrow .7 + b wide .6 + c middle .6 = 1.9 is the greatest.
    found = assign_backbones(studies, ["narrow", "middle", "wide"], dict.fromkeys("abc", 0.02), {})
    assert {name: hyperparameters.backbone for name, hyperparameters in found.items()} == {
        "a": "narrow",
        "b": "wide",
        "c": "middle",
    }
    assert found["a"].learning_rate == pytest.approx(0.07)


def test_a_member_whose_scores_are_noise_gives_way():
    studies = {
        "a": study_of({"narrow": 0.5, "wide": 0.8}),
        "b": study_of({"narrow": 0.2, "wide": 0.3}),
    }
    # By plain sums a takes wide: .8 + .2 against .5 + .3. In noises: 4 + 20 against 2.5 + 30.
    found = assign_backbones(studies, ["narrow", "wide"], {"a": 0.2, "b": 0.01}, {})
    assert {name: hyperparameters.backbone for name, hyperparameters in found.items()} == {
        "a": "narrow",
        "b": "wide",
    }


def test_the_noise_is_that_between_seeds_not_between_kinds(run, all_searched, monkeypatch):
    planted = {("none", 0): 0.50, ("none", 1): 0.52, ("under", 0): 0.10, ("under", 1): 0.14}

    def score(self, hyperparameters, seed, report):
        return planted.get((hyperparameters.balance, seed), 0.9)

    monkeypatch.setattr(Objective, "score", score)
    search(run, all_searched, "a")
    # Variances .0002, .0008 and, over-sampled, 0: the root of their mean.
    assert searching._noise(open_study(run, "balance-a")) == pytest.approx((0.001 / 3) ** 0.5)


def test_a_conclusion_needs_more_than_chance():
    # Three differences of mean .02 and deviation .01: ± 4.303 · .01 / 3 ** .5 = .0248.
    low, high = t_interval(np.array([0.01, 0.02, 0.03]))
    assert (low, high) == pytest.approx((0.02 - 0.0248, 0.02 + 0.0248), abs=1e-4)


def test_the_conclusion_says_what_helps_and_what_makes_no_difference(tmp_path, all_searched):
    storage = f"sqlite:///{tmp_path / 'search.sqlite'}"
    kinds = optuna.distributions.CategoricalDistribution(["none", "under", "over"])
    seeds = optuna.distributions.IntDistribution(0, 2)
    for name in all_searched.members:
        study = optuna.create_study(study_name=f"balance-{name}", storage=storage, direction="maximize")
        for seed in range(3):
            for kind, gain in (("none", 0.0), ("under", (-1) ** seed * 0.1), ("over", 0.05 + 0.001 * seed)):
                study.add_trial(
                    optuna.trial.create_trial(
                        params={"balance": kind, "seed": seed},
                        distributions={"balance": kinds, "seed": seeds},
                        value=0.5 + gain,
                    )
                )
    sentence = balancing_conclusion(tmp_path, all_searched)
    assert sentence.count("over-sampling helps") == len(all_searched.members)
    assert "under" not in sentence
