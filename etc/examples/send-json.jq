# From {"power": 231.5, "phases": [{"name": "L1", "volts": 229.8}]} make the metrics app.inverter.power and
# app.inverter.phase.volts,name=L1.
"inverter power=\(.power)",
(.phases[] | "inverter.phase,name=\(.name) volts=\(.volts)")
