"""What the tests of configs share."""

from tests.same_weights import same_weights_each_time as same_weights_each_time
