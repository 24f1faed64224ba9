-- From landed conversions to those a vendor is credited with.
select vendor, conversion, raw, deduped, delivered, matched, attributed
from rpt_vendor_reconciliation
order by vendor, conversion
