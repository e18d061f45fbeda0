"""The marketplace's books in the administration: what staff upload, and what owners dispute."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from impact import contracts
from spend import payments
from spend.models import Disputed, Payment, PaymentFile
from tests.factories import ClientFactory, PaymentFactory, ProfileFactory
from tests.site import sign_in, staff
from tests.spend.test_payments import HEADER
from verification.admin.books import UploadForm

pytestmark = pytest.mark.django_db

ADD = "/admin/spend/paymentfile/add/"
PERMISSIONS = ["add_paymentfile", "view_paymentfile", "add_contract", "view_contract", "view_contractfile"]
ROW = "{},bright,freelancer,ann,2026-03-01,work,{},USD,,,\n"


@pytest.fixture
def uploader(client):
    ClientFactory(slug="bright", name="Bright Foods")
    ProfileFactory(slug="ann", name="Ann Ames")
    user = staff(*Permission.objects.filter(codename__in=["add_paymentfile", "view_paymentfile"]))
    sign_in(client, user)
    return user


def post(client, content, encoding="utf-8"):
    file = SimpleUploadedFile("payments.csv", content.encode(encoding))
    return client.post(ADD, {"file": file}, follow=True).text


def test_staff_upload_payments_and_read_what_became_of_each_row(uploader, client):
    first = post(client, HEADER + ROW.format("P-1", "100.00") + ROW.format("", "5"))
    again = post(client, HEADER + ROW.format("P-1", "120.00"), encoding="utf-16")
    same = post(client, HEADER + ROW.format("P-1", "120.00"))

    assert "1 added, 0 corrected, 0 unchanged." in first
    assert "1 row was skipped. See why below." in first
    assert "Line 3: The external_id is missing." in first
    assert "0 added, 1 corrected, 0 unchanged." in again
    assert "0 added, 0 corrected, 1 unchanged." in same
    assert [str(payment.amount) for payment in Payment.objects.order_by("version")] == ["100.00", "120.00"]
    assert {file.uploaded_by for file in PaymentFile.objects.all()} == {uploader}


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("spend/paymentfile", payments.BOOK.columns + payments.BOOK.optional),
        ("impact/contractfile", contracts.BOOK.columns),
    ],
)
def test_the_sample_file_has_every_column_and_a_row_that_can_be_read(model, columns, client):
    sign_in(client, staff(*Permission.objects.filter(codename__in=PERMISSIONS)))
    ClientFactory(slug="alderwood-health")
    ProfileFactory(slug="marisol-vega")
    address = f"/admin/{model}/add/"
    page = client.get(address).text
    sample = client.get(f"/admin/{model}/sample/")
    assert f'href="/admin/{model}/sample/"' in page

    uploaded = client.post(address, {"file": SimpleUploadedFile("sample.csv", sample.content)}, follow=True).text

    assert sample.content.decode("utf-8-sig").splitlines()[0] == ",".join(columns)
    assert "1 added" in uploaded
    assert "was skipped." not in uploaded


def test_a_file_that_is_not_of_payments_is_refused_and_nothing_is_kept(uploader, client):
    assert "are missing." in post(client, "a,b\n1,2\n")
    assert "Choose a file" in client.post(ADD).text
    assert not PaymentFile.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_what_to_do(uploader, client, monkeypatch):
    monkeypatch.setattr(UploadForm.base_fields["file"], "most", 100)

    page = post(client, HEADER + ROW.format("P-1", "100.00") * 3)

    assert "The file must be 10 MB or smaller. Split it, or read it with" in page
    assert not Payment.objects.exists()


def test_staff_without_the_permission_upload_nothing(uploader, client):
    sign_in(client, staff(Permission.objects.get(codename="view_paymentfile")))

    assert client.get(ADD).status_code == 403
    assert client.get("/admin/spend/paymentfile/").status_code == 200


def test_staff_read_which_payment_an_owner_disputes_and_change_nothing(client):
    payment = PaymentFactory(client=ClientFactory(name="Bright Foods"), profile=ProfileFactory(name="Ann Ames"))
    disputed = Disputed.objects.create(profile=payment.profile, external_id=payment.external_id)
    sign_in(client, staff(Permission.objects.get(codename="view_disputed")))

    for page in ("/admin/spend/disputed/", f"/admin/spend/disputed/{disputed.pk}/change/"):
        text = client.get(page).text
        assert all(word in text for word in (payment.external_id, "Ann Ames", "Bright Foods", "1000.00 USD"))
        assert 'name="_save"' not in text
    assert client.get("/admin/spend/payment/").status_code == 404
