"""What the tests of files share."""

from tests.same_weights import same_weights_each_time as same_weights_each_time
