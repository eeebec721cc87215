"""The built-in factors and source classes (ours, see docs/evidence.md); a policy may add more."""

FACTORS = frozenset(
    {
        "UNIQ",
        "COPY",
        "STAB",
        "SAFE",
        "STRN",
        "ADAP",
        "RECG",
        "ENVR",
        "XFER",
        "CONF",
        "QUAL",
        "TRAC",
        "MKT",
        "OPIN",
        "INTG",
    }
)
"""Ways in which an anti-counterfeiting product fails."""

SOURCE_CLASSES = frozenset(
    {
        "national_spot_check",
        "enforcement",
        "official_notice",
        "onsite_audit",
        "local_spot_check",
        "user_unit_spot_check",
        "monitoring_point",
        "confirmed_counterfeit",
        "commissioned_inspection",
        "user_report",
        "enterprise_report",
        "code_scan",
        "web",
    }
)
"""Kinds of sender; how far each is believed is the policy's."""
