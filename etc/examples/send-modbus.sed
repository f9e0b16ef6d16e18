# Lines of mbpoll, such as "[100]:  715", as lines of InfluxDB's line protocol: app.boiler.temperature and
# app.boiler.pressure.
s/^\[100\]:[[:space:]]*\(-\{0,1\}[0-9.]*\).*$/boiler temperature=\1/p
s/^\[101\]:[[:space:]]*\(-\{0,1\}[0-9.]*\).*$/boiler pressure=\1/p
