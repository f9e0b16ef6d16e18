# Two scrapes of a Prometheus exporter, each with its time in the first line, as lines for
# `anomalyctl send --lines`: of gauges the later value, of counters the rate between both.
#
#   awk -v metrics='REGULAR EXPRESSION OF NAMES' -f send-prometheus.awk BEFORE NOW
#
# Buckets and quantiles are left out; _sum and _count of a histogram or summary are counters.

FNR == 1 { time = $1; if (NR == 1) before = time; next }
/^# TYPE / { type[$3] = $4; next }
/^#/ || NF == 0 { next }
{
  match($0, /^[A-Za-z_:][A-Za-z0-9_:]*/)
  name = substr($0, 1, RLENGTH)
  if (name !~ metrics) next
  rest = substr($0, RLENGTH + 1)
  labels = ""
  # A label's text may contain anything but a quote: the last brace ends the labels.
  if (match(rest, /^\{.*\}/)) {
    labels = substr(rest, 2, RLENGTH - 2)
    rest = substr(rest, RLENGTH + 1)
  }
  split(rest, parts, " ")
  value = parts[1]
  if (value !~ /^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$/) next
  if (NR == FNR) { earlier[name, labels] = value; next }

  family = name
  kind = type[name]
  if (kind == "" && sub(/_(sum|count)$/, "", family)) {
    kind = type[family]
    if (kind == "histogram" || kind == "summary") kind = "counter"
  }
  if (kind == "summary" || kind == "histogram" || name ~ /_bucket$/) next
  if (kind == "counter") {
    # New, or begun again.
    if (!((name, labels) in earlier) || value + 0 < earlier[name, labels] + 0) next
    value = (value - earlier[name, labels]) / (time - before)
  }
  printf "%s%s value=%.10g\n", name, tags(labels), value
}

# Labels as tags of the line protocol. What is special there becomes an underscore.
function tags(labels, result, key, text) {
  result = ""
  while (match(labels, /^,? *[A-Za-z_][A-Za-z0-9_]*="/)) {
    key = substr(labels, 1, RLENGTH - 2)
    gsub(/[, ]/, "", key)
    labels = substr(labels, RLENGTH + 1)
    text = ""
    while (labels != "" && substr(labels, 1, 1) != "\"") {
      # A backslash escapes the next character.
      if (substr(labels, 1, 1) == "\\") labels = substr(labels, 2)
      text = text substr(labels, 1, 1)
      labels = substr(labels, 2)
    }
    labels = substr(labels, 2)
    gsub(/[^A-Za-z0-9_.:\/-]/, "_", text)
    if (text != "") result = result "," key "=" text
  }
  return result
}
