UPDATE delivery_destinations SET open_until = ? WHERE name = ? AND open_until <= ?
