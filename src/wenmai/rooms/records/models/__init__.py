"""The ledgers of the office (台账)."""

from wenmai.rooms.records.models.base import Change, EnterpriseRecord, Intake, Record
from wenmai.rooms.records.models.firms import Association, Demand, LifeEvent, Membership, OwnershipEdge, Profile, Title, Visit
from wenmai.rooms.records.models.space import Building, Cluster, Lease, Park, Recognition, RecognitionRule, RentalUnit
from wenmai.rooms.records.models.works import Bearer, FusionProject, HeritageItem, Investment, Milestone, Project

__all__ = [
    "Association", "Bearer", "Building", "Change", "Cluster", "Demand", "EnterpriseRecord", "FusionProject", "HeritageItem", "Intake",
    "Investment", "Lease", "LifeEvent", "Membership", "Milestone", "OwnershipEdge", "Park", "Profile", "Project", "Recognition",
    "RecognitionRule", "Record", "RentalUnit", "Title", "Visit",
]  # fmt: skip
