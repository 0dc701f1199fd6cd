"""Entry point of ``claimstance`` and ``python -m claimstance``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from claimstance.cli import app

    app()


if __name__ == "__main__":
    main()
