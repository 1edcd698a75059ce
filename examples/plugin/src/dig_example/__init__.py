"""One small component for every slot of dig-framework."""
