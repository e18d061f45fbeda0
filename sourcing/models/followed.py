"""The triggers by which the listings follow each table they are made of. See sourcing/sql/README.md."""

import pgtrigger

from certifications.models import Certificate, Certification, Consent, Evidence
from profiles.models import Profile

ROWS = {
    pgtrigger.Insert: pgtrigger.Referencing(new="new_rows"),
    pgtrigger.Update: pgtrigger.Referencing(old="old_rows", new="new_rows"),
    pgtrigger.Delete: pgtrigger.Referencing(old="old_rows"),
}


def _follow(refresh: str, changes: dict[pgtrigger.Operation, str]) -> list[pgtrigger.Trigger]:
    """Return triggers that call `refresh` after each operation, once a statement.

    `changes` has the SQL that gives the keys of the profiles concerned, from `new_rows` and `old_rows`. If there are
    none, nothing is called: a migration may change an empty table before there is the function.
    """
    return [
        pgtrigger.Trigger(
            name=f"listing_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=ROWS[operation],
            declare=[("profiles", "bigint[]")],
            func=f"""
                profiles := ARRAY({profiles});
                IF cardinality(profiles) > 0 THEN
                    PERFORM {refresh}(profiles);
                END IF;
                RETURN NULL;
            """,
        )
        for operation, profiles in changes.items()
    ]


OF_ROWS = {
    pgtrigger.Insert: "SELECT DISTINCT profile_id FROM new_rows",
    pgtrigger.Update: "SELECT profile_id FROM new_rows UNION SELECT profile_id FROM old_rows",
    pgtrigger.Delete: "SELECT DISTINCT profile_id FROM old_rows",
}
OF_EVIDENCE = f"""
    SELECT DISTINCT profile_id FROM {Certification._meta.db_table}
    WHERE id = ANY(ARRAY(SELECT certification_id FROM %s))
"""  # noqa: S608 - the name of a table of ours
OF_CERTIFICATES_WITH_ANOTHER_BODY = f"""
    SELECT DISTINCT certification.profile_id FROM new_rows JOIN old_rows USING (id)
    JOIN {Certification._meta.db_table} AS certification ON certification.certificate_id = new_rows.id
    WHERE new_rows.body_id <> old_rows.body_id
"""  # noqa: S608


class FollowedProfile(Profile):
    class Meta:
        proxy = True
        default_permissions = ()
        # A profile that is deleted takes its rows along by their foreign key.
        triggers = _follow(
            "sourcing_refresh",
            {pgtrigger.Insert: "SELECT id FROM new_rows", pgtrigger.Update: "SELECT id FROM new_rows"},
        )


class FollowedCertification(Certification):
    class Meta:
        proxy = True
        default_permissions = ()
        triggers = _follow("sourcing_refresh_certified", OF_ROWS)


class FollowedConsent(Consent):
    class Meta:
        proxy = True
        default_permissions = ()
        triggers = _follow("sourcing_refresh_certified", OF_ROWS)


class FollowedEvidence(Evidence):
    class Meta:
        proxy = True
        default_permissions = ()
        triggers = _follow(
            "sourcing_refresh_certified",
            {
                pgtrigger.Insert: OF_EVIDENCE % "new_rows",
                pgtrigger.Update: OF_EVIDENCE % "new_rows",
                pgtrigger.Delete: OF_EVIDENCE % "old_rows",
            },
        )


class FollowedCertificate(Certificate):
    class Meta:
        proxy = True
        default_permissions = ()
        triggers = _follow("sourcing_refresh_certified", {pgtrigger.Update: OF_CERTIFICATES_WITH_ANOTHER_BODY})
