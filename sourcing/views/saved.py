"""The searches that a member keeps under a name."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.translation import plain, with_names
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, addresses, alerts
from sourcing.forms.saved import SavedSearchForm
from sourcing.forms.search import SourcingForm
from sourcing.models import SavedSearch
from sourcing.views.rows import of_client, remove_row, restore_row, tell_removed


@access.with_own_work
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    own = SavedSearch.objects.of(request.viewer)
    context = {"searches": own.kept(), "removed": own.removed().order_by("-removed_at")}
    return render(request, "sourcing/searches.html", context)


def _save(request: SignedInPolicyRequest, form: SavedSearchForm, *, is_new: bool) -> bool:
    """Save what `form` holds. Returns whether it could; if not, the form says why."""
    if is_new and SavedSearch.objects.of(request.viewer).kept().count() >= SavedSearch.MOST:
        form.add_error(None, f"You can save {SavedSearch.MOST} searches. Remove one first.")
        return False
    try:
        with transaction.atomic():
            saved, had_mails = (form.save(), False) if is_new else _edit(form)
            if saved.frequency and not had_mails:  # with another frequency, what was not told of yet still is
                alerts.start(saved, request.viewer, request.policy)
    except IntegrityError:  # a second click
        form.add_error("name", "You already have a saved search with this name")
    except SavedSearch.DoesNotExist:
        form.add_error(None, "This search was removed. Restore it under “Removed in the last 30 days” first.")
        form.instance.removed_at = timezone.now()
    except alerts.TooMany:
        form.add_error("frequency", f"This search has more than {alerts.MOST:,} results. Narrow it to get alerts.")
    else:
        return True
    return False


def _edit(form: SavedSearchForm) -> tuple[SavedSearch, bool]:
    """Write what was changed and nothing else. Returns the search, and whether there were emails about it before.

    Raises DoesNotExist if it was removed meanwhile.
    """
    saved = SavedSearch.objects.kept().select_for_update().get(pk=form.instance.pk)
    had_mails = bool(saved.frequency)
    for name in form.changed_data:
        setattr(saved, name, form.cleaned_data[name])
    saved.save(update_fields=form.changed_data)
    return saved, had_mails


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: SignedInPolicyRequest) -> HttpResponse:
    """Save the search that the address spells."""
    query = addresses.kept(request.GET)
    searched = SourcingForm(QueryDict(query), viewer=request.viewer, policy=request.policy)
    back = addresses.search_url(query)
    if searched.errors:  # told there
        return redirect(back)
    chips = [chip.label for chip in searched.chips()]
    instance = SavedSearch(client_id=request.viewer.acts_for.pk, user=request.user, query=query)
    form = drafts.form(request, SavedSearchForm, instance=instance, initial={"name": plain(", ".join(chips))[:80]})
    if request.method == "POST" and form.is_valid() and _save(request, form, is_new=True):
        messages.success(request, with_names("“{}” saved.", form.instance))
        return redirect("sourcing:searches")
    kept = SavedSearch.objects.of(request.viewer).kept()
    context = {
        "form": form,
        "chips": chips,
        "back": back,
        "heading": "Save search",
        "same": next((one for one in kept if addresses.are_alike(one.query, query)), None),
    }
    return render(request, "sourcing/search_save.html", context)


@of_client(SavedSearch, with_removed=True, guard=access.with_terms)  # who is new in it is told from what is found now
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInPolicyRequest, saved: SavedSearch) -> HttpResponse:
    """Change the name and the emails of a saved search. If it was removed meanwhile, show what was typed."""
    if saved.removed_at:
        get_object_or_404(SavedSearch.objects.removed(), pk=saved.pk)
        if request.method != "POST":
            return tell_removed(request, saved)
    searched = SourcingForm(QueryDict(saved.query), viewer=request.viewer, policy=request.policy)
    chips = [chip.label for chip in searched.chips()]
    form = drafts.form(request, SavedSearchForm, instance=saved)
    if request.method == "POST" and form.is_valid() and _save(request, form, is_new=False):
        messages.success(request, "Saved.")
        return redirect("sourcing:searches")
    context = {"form": form, "chips": chips, "back": reverse("sourcing:searches"), "heading": "Edit saved search"}
    status = 410 if saved.removed_at else 200  # of what is gone no page could show the form again
    return render(request, "sourcing/search_save.html", context, status=status)


def _searches(saved: SavedSearch) -> str:
    return "sourcing:searches"


@of_client(SavedSearch)
@drafts.act(_searches, "“{saved}” is not removed yet", "Remove saved search")
def remove(request: SignedInPolicyRequest, saved: SavedSearch) -> HttpResponse:
    remove_row(request, saved, with_names("“{}” removed.", saved))
    return redirect("sourcing:searches")


@of_client(SavedSearch, with_removed=True)
@drafts.act(_searches, "“{saved}” is not restored yet", "Restore saved search")
def restore(request: SignedInPolicyRequest, saved: SavedSearch) -> HttpResponse:
    restore_row(request, saved, with_names("“{}” restored.", saved))
    return redirect("sourcing:searches")
