"""What the clock decides: which texts are published, and where a call for input or a timeline stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from kommunebeta.frontmatter import ConsultationMatter, EntryMatter
from kommunebeta.model import Consultation, ConsultationState, StepState


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment that a site is built for.

    Attributes:
        now: the moment, with a zone.
        zone: the site's zone.
        drafts: whether drafts are built too.
        future: whether texts are built whose moment is still to come.
        ahead: the moments still to come at which something that was asked of the clock changes.
    """

    now: dt.datetime
    zone: ZoneInfo
    drafts: bool = False
    future: bool = False
    ahead: set[dt.datetime] = field(default_factory=set, compare=False)

    @property
    def next_change(self) -> dt.datetime | None:
        """When one of the answers given so far changes, in the site's zone; None when none ever does."""
        return min(self.ahead).astimezone(self.zone) if self.ahead else None

    def wait_for_tomorrow(self) -> None:
        """Note that something changes with the day."""
        self._is_ahead(self._day_after(self.today))

    def midnight(self, day: dt.date) -> dt.datetime:
        """The moment at which a day begins in the site's zone."""
        return dt.datetime.combine(day, dt.time(), self.zone)

    @property
    def today(self) -> dt.date:
        """The day it is in the site's zone."""
        return self.now.astimezone(self.zone).date()

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A moment in the site's zone; one without a zone is meant there."""
        return moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment.astimezone(self.zone)

    def end(self, moment: dt.datetime) -> dt.datetime:
        """An end in the site's zone; a day without a time lasts to its end."""
        if moment.tzinfo is None and moment.time() == dt.time():
            moment += dt.timedelta(days=1)
        return self.local(moment)

    def hides(self, matter: EntryMatter, date: dt.datetime | None) -> str:
        """Why a text is not published now: ``draft``, ``scheduled``, ``expired``, or empty when it is."""
        if matter.draft and not self.drafts:
            return "draft"
        if self.is_scheduled(matter, date) and not self.future:
            return "scheduled"
        if matter.expires and not self._is_ahead(self.local(matter.expires)):
            return "expired"
        return ""

    def is_scheduled(self, matter: EntryMatter, date: dt.datetime | None) -> bool:
        """Whether a text's moment is still to come: its ``publish``, else its date."""
        begins = matter.publish or date
        return begins is not None and self._is_ahead(self.local(begins))

    def shows(self, moment: dt.datetime) -> bool:
        """Whether what is published at a moment is shown: it has come, or is shown beforehand."""
        return not self._is_ahead(self.local(moment)) or self.future

    def _is_ahead(self, moment: dt.datetime) -> bool:
        # Two moments of one zone would be compared by their clock faces, which show the same hour
        # twice on the night when summer time ends.
        moment = moment.astimezone(dt.UTC)
        if moment <= self.now.astimezone(dt.UTC):
            return False
        self.ahead.add(moment)
        return True

    def step_state(self, day: dt.date) -> StepState:
        """Where a step of a timeline stands."""
        if self._is_ahead(self.midnight(day)):
            return StepState.COMING
        return StepState.TODAY if self._is_ahead(self._day_after(day)) else StepState.PAST

    def has_begun(self, day: dt.date) -> bool:
        """Whether a day has come."""
        return not self._is_ahead(self.midnight(day))

    def is_over(self, day: dt.date) -> bool:
        """Whether a day lies behind."""
        return not self._is_ahead(self._day_after(day))

    def is_within(self, first: dt.date | None, last: dt.date | None) -> bool:
        """Whether today lies within a period of whole days, both ends included; a missing end is open."""
        begun = first is None or self.has_begun(first)
        return begun and (last is None or not self.is_over(last))

    def _day_after(self, day: dt.date) -> dt.datetime:
        return self.midnight(day + dt.timedelta(days=1) if day < dt.date.max else day)

    def consultation(self, matter: ConsultationMatter, outcome: dt.date | None = None) -> Consultation:
        """A call for input as it stands now, computed in the site's zone.

        Args:
            matter: what the post says of it.
            outcome: the day on which its outcome is published, where there is one.
        """
        opens, closes = self.local(matter.opens), self.end(matter.closes)
        state = self._state(matter, opens, closes, outcome or matter.concluded)
        due = matter.outcome_due
        days_left = None
        if state is ConsultationState.OPEN:
            days_left = ((closes - dt.timedelta(microseconds=1)).date() - self.today).days
            self.wait_for_tomorrow()
        return Consultation(
            question=matter.question,
            form=matter.form,
            opens=opens,
            closes=closes,
            state=state,
            outcome_due=due,
            place=matter.place,
            days_left=days_left,
            overdue=bool(due and state is ConsultationState.UNDER_REVIEW and self.is_over(due)),
        )

    def _state(
        self,
        matter: ConsultationMatter,
        opens: dt.datetime,
        closes: dt.datetime,
        concluded: dt.date | None,
    ) -> ConsultationState:
        if concluded and not self._is_ahead(self.midnight(concluded)):
            return ConsultationState.CONCLUDED
        if self._is_ahead(opens):
            return ConsultationState.COMING
        if self._is_ahead(closes):
            return ConsultationState.OPEN
        return ConsultationState.UNDER_REVIEW if matter.outcome_due else ConsultationState.CLOSED
