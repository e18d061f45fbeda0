-- The newest file of payments, the newest objection to one, and what wrote the catalogue's rows.
SELECT
    (SELECT max(id) FROM spend_paymentfile),
    (SELECT max(pgh_id) FROM spend_disputedevent),
    (SELECT md5(string_agg(concat(xmin, ctid), ',' ORDER BY id)) FROM certifications_certificationtype),
    (SELECT md5(string_agg(concat(xmin, ctid), ',' ORDER BY id)) FROM certifications_certificate),
    (SELECT md5(string_agg(concat(xmin, ctid), ',' ORDER BY id)) FROM certifications_certifyingbody)
