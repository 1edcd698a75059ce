from dig_example.schedule import ExampleSchedule

from dig_framework.testing import ScheduleConformance


class TestExampleSchedule(ScheduleConformance):
    component = ExampleSchedule()
