"""Test records with quiet defaults: a test states what it depends on and nothing else."""

import io
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import factory
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone
from PIL import Image

from certifications.models import (
    Certificate,
    Certification,
    CertificationType,
    CertifyingBody,
    ClientView,
    Concern,
    Consent,
    Evidence,
    Pause,
    Step,
)
from certifications.sharing import consents
from integrations.models import AccessToken
from integrations.models.token import digest_of
from profiles.models import Client, ClientMembership, Membership, Profile, User, WorkHistory
from sourcing.models import TalkInvitation
from spend.choices import Kind
from spend.models import Payment, PaymentFile
from verification.models import Case, Document, Register, RegisterEntry, RegisterFile, RegisterMatch
from verification.registers import lookup, names

PASSWORD = "a long enough passphrase"


class Factory[M: Model](factory.django.DjangoModelFactory[M]):
    """factory_boy's, typed as what a call returns: a row of the model."""

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def __new__(cls, *args: Any, **kwargs: Any) -> M: ...


class UserFactory(Factory[User]):
    email = factory.Sequence("person{}@example.test".format)
    password = factory.LazyFunction(lambda: make_password(PASSWORD))

    class Meta:
        model = User


class ProfileFactory(Factory[Profile]):
    kind = Profile.Kind.FREELANCER
    slug = factory.Sequence("profile-{}".format)
    name = factory.Sequence("Profile {}".format)
    headline = "Bookkeeper for small firms"
    state = "NY"

    class Meta:
        model = Profile
        skip_postgeneration_save = True

    @factory.post_generation
    def owner(self, create, user, **kwargs):
        """`owner=user` makes that user its owner."""
        if user:
            MembershipFactory(profile=self, user=user, role=Membership.Role.OWNER)


class AgencyFactory(ProfileFactory):
    kind = Profile.Kind.AGENCY
    slug = factory.Sequence("agency-{}".format)
    name = factory.Sequence("Agency {}".format)


class MembershipFactory(Factory[Membership]):
    user = factory.SubFactory(UserFactory)
    profile = factory.SubFactory(ProfileFactory)

    class Meta:
        model = Membership


class WorkHistoryFactory(Factory[WorkHistory]):
    profile = factory.SubFactory(ProfileFactory)
    title = "Year-end accounts"
    started_in = 2020

    class Meta:
        model = WorkHistory


class ClientFactory(Factory[Client]):
    name = factory.Sequence("Client {}".format)
    slug = factory.Sequence("client-{}".format)
    plan = Client.Plan.ENTERPRISE

    class Meta:
        model = Client


class ClientMembershipFactory(Factory[ClientMembership]):
    user = factory.SubFactory(UserFactory)
    client = factory.SubFactory(ClientFactory)

    class Meta:
        model = ClientMembership


class CertificationTypeFactory(Factory[CertificationType]):
    key = factory.Sequence("type-{}".format)
    name = factory.Sequence("Type {}-owned".format)

    class Meta:
        model = CertificationType
        django_get_or_create = ["key"]


class CertifyingBodyFactory(Factory[CertifyingBody]):
    key = factory.Sequence("body-{}".format)
    name = factory.Sequence("Certifying Council {}".format)

    class Meta:
        model = CertifyingBody


class CertificateFactory(Factory[Certificate]):
    key = factory.Sequence("certificate-{}".format)
    body = factory.SubFactory(CertifyingBodyFactory)
    type = factory.SubFactory(CertificationTypeFactory)
    acronym = "CBE"
    name = "Certified Business Enterprise"

    class Meta:
        model = Certificate


class CertificationFactory(Factory[Certification]):
    profile = factory.SubFactory(ProfileFactory)
    certificate = factory.SubFactory(CertificateFactory)
    type = factory.SelfAttribute("certificate.type")
    legal_business_name = "Quill and Ledger LLC"
    number = factory.Sequence("QL-{:05}".format)
    expires_on = factory.LazyFunction(lambda: timezone.now().date() + timedelta(days=200))
    attestation = "2026-11"
    attested_at = factory.LazyFunction(timezone.now)
    self_reported_at = factory.SelfAttribute("attested_at")
    agreed_plans = factory.LazyFunction(lambda: ["business", "enterprise"])
    submission = factory.LazyFunction(uuid.uuid4)

    class Meta:
        model = Certification
        skip_postgeneration_save = True

    @factory.post_generation
    def consent(self, create, is_given, **kwargs):
        """The consent that saving the first one gives; `consent=False` is a profile that turned it off."""
        values = {"is_given": is_given is not False, "version": "2026-11", "plans": self.agreed_plans}
        Consent.objects.get_or_create(profile=self.profile, purpose=Consent.Purpose.SHOW, defaults=values)

    @factory.post_generation
    def found(self, create, is_given, **kwargs):
        """`found=True` is a profile whose owner agreed to be found by its certifications, to the same plans."""
        if is_given:
            version, _ = consents.newest(Consent.Purpose.FIND)
            values = {"is_given": True, "version": version, "plans": self.agreed_plans}
            Consent.objects.get_or_create(profile=self.profile, purpose=Consent.Purpose.FIND, defaults=values)

    @factory.post_generation
    def pause(self, create, values, **kwargs):
        """`pause={}` is a profile that hides all of them; `pause={"until": day}` one that does until that day."""
        if values is not None:
            Pause.objects.get_or_create(profile=self.profile, defaults=values)


class ClientViewFactory(Factory[ClientView]):
    client = factory.SubFactory(ClientFactory)
    surface = ClientView.Surface.PAGE
    day = factory.LazyFunction(lambda: timezone.now().date())
    readers = factory.LazyFunction(lambda: [1])

    class Meta:
        model = ClientView


class ConcernFactory(Factory[Concern]):
    kind = Concern.Kind.FALSE
    text = "The register does not list it."

    class Meta:
        model = Concern


def picture(*, color="white", size=(60, 80), kind="PNG"):
    """The bytes of a small picture with a line of print on it."""
    output = io.BytesIO()
    image = Image.new("RGB", size, color)
    image.paste("gray", (0, size[1] // 2, size[0], size[1] // 2 + size[1] // 8 + 1))
    image.save(output, kind)
    return output.getvalue()


class DocumentFactory(Factory[Document]):
    certification = factory.SubFactory(CertificationFactory)
    file = factory.LazyFunction(lambda: ContentFile(picture(), name="document"))
    kind = Document.Kind.PNG
    name = "certificate.png"
    size = 100
    sha256 = factory.Sequence("{:064}".format)

    class Meta:
        model = Document


class EvidenceFactory(Factory[Evidence]):
    """Evidence of what the record reports now."""

    certification = factory.SubFactory(CertificationFactory)
    step = Step.DOCUMENT
    source = "Copy of the certificate"
    evidence_on = factory.LazyFunction(lambda: timezone.now().date())
    reported_at = factory.SelfAttribute("certification.self_reported_at")
    certified_until = factory.SelfAttribute("certification.expires_on")

    class Meta:
        model = Evidence


class PaymentFactory(Factory[Payment]):
    """A payment for work. Its amount stays as written."""

    external_id = factory.Sequence("P-{}".format)
    file = factory.LazyFunction(lambda: PaymentFile.objects.create(name="payments.csv"))
    client = factory.SubFactory("tests.factories.ClientFactory")
    profile = factory.SubFactory("tests.factories.ProfileFactory")
    paid_on = factory.LazyFunction(lambda: timezone.now().date())
    kind = Kind.WORK
    amount = Decimal("1000.00")
    currency = "USD"

    class Meta:
        model = Payment


class RegisterMatchFactory(Factory[RegisterMatch]):
    """A row of a register that was found for a record, with its evidence."""

    class Params:
        record = factory.SubFactory(CertificationFactory)

    evidence = factory.SubFactory(
        EvidenceFactory, certification=factory.SelfAttribute("..record"), step=Step.REGISTER, source="A register"
    )
    register = factory.SubFactory("tests.factories.RegisterFactory")
    listed_as = "#1"

    class Meta:
        model = RegisterMatch


class CaseFactory(Factory[Case]):
    """A case that waits, or with `outcome=` one that was decided."""

    certification = factory.SubFactory(CertificationFactory)
    causes = factory.LazyFunction(lambda: [Case.Cause.DOCUMENT])
    opened_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=3))
    decided_at = factory.Maybe("outcome", factory.LazyFunction(timezone.now), None)
    outcome = ""

    class Meta:
        model = Case


class RegisterFactory(Factory[Register]):
    """A register with a current file, which holds no rows yet."""

    key = factory.Sequence("register-{}".format)
    name = factory.Sequence("Register {}".format)
    body = factory.SubFactory(CertifyingBodyFactory)

    class Meta:
        model = Register
        skip_postgeneration_save = True

    @factory.post_generation
    def current(self: Any, create, as_of, **kwargs):
        """`current=day` is the day whose state the current file holds."""
        values = {"as_of": as_of} if as_of else {}
        values |= {
            "state": RegisterFile.State.LOADED,
            "loaded_at": timezone.now() - timedelta(days=2),
            "matched_at": timezone.now(),
        }
        self.current = RegisterFileFactory(register=self, **values)
        self.save()


class RegisterFileFactory(Factory[RegisterFile]):
    register = factory.SubFactory(RegisterFactory)
    name = "directory.csv"
    sha256 = factory.Sequence("{:064}".format)
    size = 1000
    as_of = factory.LazyFunction(lambda: timezone.now().date())

    class Meta:
        model = RegisterFile
        skip_postgeneration_save = True

    @factory.post_generation
    def ready(self: Any, create, is_ready, **kwargs):
        """`ready=True` is a file that was looked through, and waits for its columns to be confirmed."""
        if is_ready:
            columns = {"name": 1, "dba": None, "number": 0, "certified_on": None, "expires_on": None, "status": None}
            self.found = {
                "kind": "csv", "encoding": "utf-8", "delimiter": ",", "sheet": "", "sheets": [], "header_line": 1,
                "header": ["Number", "Name", "Code"], "sample": [["1", "Brightwater LLC", "MBE"]], "rows": 1,
                "codes": [["MBE", 1]],
            }  # fmt: skip
            self.mapping = {"columns": columns | {"type": [2], "yes_no": []}, "codes": {"MBE": []}, "types": []}
            self.state = RegisterFile.State.READY
            self.save()


class EntryFactory(Factory[RegisterEntry]):
    """A row of a register, as loading stores it."""

    file = factory.LazyFunction(lambda: RegisterFactory().current)
    line = factory.Sequence(lambda number: number + 2)
    name = "Quill and Ledger LLC"
    number = "QL-1"
    identity = factory.LazyAttribute(lambda entry: lookup.number_identity(entry.number))
    words = factory.LazyAttribute(lambda entry: names.words(entry.name))
    types = factory.LazyFunction(list)

    class Meta:
        model = RegisterEntry


class TalkInvitationFactory(Factory[TalkInvitation]):
    client = factory.SubFactory(ClientFactory)
    profile = factory.SubFactory(ProfileFactory)
    title = "Year-end accounts for two sites"
    text = "We need somebody from January on."
    answer_by = factory.LazyFunction(lambda: timezone.now().date() + timedelta(days=14))

    class Meta:
        model = TalkInvitation


class AccessTokenFactory(Factory[AccessToken]):
    """A token with every scope. A test that uses it states its `secret`."""

    class Meta:
        model = AccessToken

    class Params:
        secret = factory.Sequence("dcm_live_{:064x}".format)

    client = factory.SubFactory(ClientFactory)
    made_by = factory.LazyAttribute(lambda o: ClientMembershipFactory(client=o.client, role="admin").user)
    name = "Supplier database"
    digest = factory.LazyAttribute(lambda o: digest_of(o.secret))
    ending = factory.LazyAttribute(lambda o: o.secret[-4:])
    scopes = factory.LazyFunction(lambda: list(AccessToken.Scope.values))
    created_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda o: o.created_at + timedelta(days=90))
