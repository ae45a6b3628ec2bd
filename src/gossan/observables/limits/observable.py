"""What would have been seen, as an observable: measured by a command, used by every other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gossan.observables.observable import Again, Observable, Told, Updated

if TYPE_CHECKING:
    from gossan.case.context import OpenCase
    from gossan.core.progress import Progress


class Limits(Observable[None]):
    """Detection limits; the case hands them to whoever says that nothing was seen."""

    key = "limits"
    by_images = False

    def command(self) -> Callable[..., Told]:
        """`gossan limits`."""
        from gossan.observables.limits.command import limits

        return limits

    def found(self, case: OpenCase, now: Updated | None, progress: Progress) -> None:
        """Nothing of its own: `case.power` reads what is kept."""

    def again(self, rerun: Again) -> tuple[str, ...]:
        """Inject the same patches again."""
        from gossan.observables.limits.run import limits_again

        return limits_again(rerun)


OBSERVABLE = Limits()
