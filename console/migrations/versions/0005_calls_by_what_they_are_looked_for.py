"""Calls by what they are looked for, what agents did, and tallies.

Calls are made of the raw records, so they are thrown away here: whoever takes in records next
makes them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IN_PROGRESS = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.drop_table("call")
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=150), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.String(), nullable=True),
        sa.Column("caller_name", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("departments", sa.String(), nullable=False),
        sa.Column("agents", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    asked = ["direction", "outcome", "spoke"]
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index("ix_call_began", ["began", *asked, "party"], unique=False)
        batch_op.create_index("ix_call_party", ["party", "began", *asked], unique=False)
        batch_op.create_index(
            "ix_call_in_progress",
            ["id"],
            unique=False,
            sqlite_where=_IN_PROGRESS,
            postgresql_where=_IN_PROGRESS,
        )

    op.create_table(
        "agent_event",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["log_file.id"], name=op.f("fk_agent_event_file_id_log_file")
        ),
        sa.PrimaryKeyConstraint("file_id", "position", name=op.f("pk_agent_event")),
    )
    told_of_an_agent = ["agent", "what", "about", "at"]
    with op.batch_alter_table("agent_event", schema=None) as batch_op:
        batch_op.create_index("ix_agent_event_agent", told_of_an_agent, unique=False)

    op.create_table(
        "tally",
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("under", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("begin", "end", "kind", name=op.f("pk_tally")),
    )


def downgrade() -> None:
    op.drop_table("tally")
    op.drop_table("agent_event")
    op.drop_table("call")
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=150), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index("ix_call_began", ["began"], unique=False)
        batch_op.create_index("ix_call_is_over", ["is_over"], unique=False)
