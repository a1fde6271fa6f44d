"""Since when records are kept.

Without a batch: that would make the table anew, to which every record refers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept_since = sa.Column("kept_since", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("log_file", kept_since)


def downgrade() -> None:
    op.execute("ALTER TABLE log_file DROP COLUMN kept_since")
