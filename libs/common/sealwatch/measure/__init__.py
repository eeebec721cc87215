"""What a result says: units and their exact conversion, limits, censored values, grades. Pure."""
