"""How long photos wait by the cloud's rules, against cases worked out by hand."""

from itertools import pairwise

from infra.local.config.delivery import Rules, cloud_rules
from tests.bench.soak.waiting import waits


def test_as_many_as_there_are_instances_wait_for_none():
    assert waits(10, 1, cloud_rules(10)) == [1.0] * 10


def test_what_ten_seconds_of_the_queue_hold_comes_in_a_row():
    # 10 instances take 10 a second; the last one that is not refused begins at 10 s and ends at 11 s.
    assert waits(110, 1, cloud_rules(10)) == [float(n) for n in range(1, 12) for _ in range(10)]


def test_who_is_refused_comes_again_after_the_pause():
    # One instance, 6 s a photo: two begin at 0 and 6 s. The third is refused at 10 s, comes again at 20 s.
    assert waits(3, 6, cloud_rules(1)) == [6.0, 12.0, 26.0]


def test_pauses_grow_with_each_refusal():
    # One instance, 11 s a photo, so each round takes one photo and refuses the others after 10 s, with pauses
    # of 10, 20, 40 and 80 s: the rounds begin at 0, 20, 50, 100 and 190 s.
    assert waits(5, 11, cloud_rules(1)) == [11.0, 31.0, 61.0, 111.0, 201.0]


def test_without_a_limit_of_the_queue_none_waits_longer_than_the_work_takes():
    done = waits(100, 2, Rules(at_once=4))
    assert done[-1] == 50.0
    assert all(after >= before for before, after in pairwise(done))
