"""How training scales over ranks and machines: measured here, and predicted from the parts that were measured here."""
