"""Bad input and bad names through the running stack: a part of the corpus; 500 uploads are `make fuzz`'s."""

import pytest

from tests.support.corpus.generators import corpus
from tests.support.corpus.uploads import complaints, uploads


@pytest.mark.timeout(1200)
def test_each_upload_ends_as_stated_after_one_delivery(cloud) -> None:
    assert complaints(cloud, uploads(corpus(50))) == []
