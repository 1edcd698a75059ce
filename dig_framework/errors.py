"""The one family of exceptions that users are meant to read."""


class DigError(Exception):
    """Anything a user can put right; the text says what was wrong and what to do."""


class InputError(DigError):
    """An input file, array or value that cannot be what it claims to be."""


class ComponentError(DigError):
    """A component that is unknown, ambiguous, broken or lacks an ability that was asked for."""


class ConfigError(DigError):
    """A configuration that does not describe a pipeline."""


class FitError(DigError):
    """A fit that cannot go on, for example because a tensor became NaN."""


class ReachError(DigError):
    """A motion that a robot must not or cannot make; names the joint and its limit."""


class RunError(DigError):
    """A run directory or cache entry that cannot be written, read or resumed."""


class UsageError(DigError):
    """A name or a value that was asked for, for example on the command line, and that there is not or does not fit."""


class ConfigUsageError(ConfigError, UsageError):
    """A preset, a stage or a `key=value` that was asked for, and that there is not or does not fit."""


class ComponentUsageError(ComponentError, UsageError):
    """A component that was asked for by a name that nothing has."""
