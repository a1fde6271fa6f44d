"""Records and calls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
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

    op.create_table(
        "log_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("read_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_file")),
        sa.UniqueConstraint("first", name=op.f("uq_log_file_first")),
    )
    op.create_table(
        "raw_record",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("uniqueid", sa.String(length=150), nullable=False),
        sa.Column("linkedid", sa.String(length=150), nullable=False),
        sa.Column("is_arrival", sa.Boolean(), nullable=False),
        sa.Column("is_damaged", sa.Boolean(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["log_file.id"], name=op.f("fk_raw_record_file_id_log_file")
        ),
        sa.PrimaryKeyConstraint("file_id", "position", name=op.f("pk_raw_record")),
    )
    with op.batch_alter_table("raw_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_raw_record_arrival",
            ["at"],
            unique=False,
            sqlite_where=sa.text("is_arrival"),
            postgresql_where=sa.text("is_arrival"),
        )
        batch_op.create_index("ix_raw_record_kind_at", ["kind", "at"], unique=False)
        batch_op.create_index("ix_raw_record_linkedid", ["linkedid", "uniqueid"], unique=False)
        batch_op.create_index("ix_raw_record_uniqueid", ["uniqueid", "linkedid"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("raw_record", schema=None) as batch_op:
        batch_op.drop_index("ix_raw_record_uniqueid")
        batch_op.drop_index("ix_raw_record_linkedid")
        batch_op.drop_index("ix_raw_record_kind_at")
        batch_op.drop_index(
            "ix_raw_record_arrival",
            sqlite_where=sa.text("is_arrival"),
            postgresql_where=sa.text("is_arrival"),
        )

    op.drop_table("raw_record")
    op.drop_table("log_file")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index("ix_call_is_over")
        batch_op.drop_index("ix_call_began")

    op.drop_table("call")
