import Config
import Detection
import Events
import Outputs
import Testing

@Suite struct WebhookTests {
  private static let header = "[Output pager]\nType=webhook\n"

  @Test func `accepts every key`() throws {
    let settings = try Scratch.load(
      Self.header + """
        Format=template
        URL=https://hooks.example.net/a?b=c
        Method=PUT
        Headers="X-Team: storage" X-Plain:1
        Template=/etc/anomalyd/body.json
        Timeout=3s
        Proxy=credential:proxy
        CAFile=/ca.pem
        ClientCertificate=/cert.pem
        ClientKey=key
        BearerToken=token
        ResendInterval=30s
        MaximumBytes=1M
        Members=yes
        MinimumSeverity=error
        MaximumAge=2h
        """
    )
    var expected = WebhookSection()
    expected.format = .template
    expected.url = .text("https://hooks.example.net/a?b=c")
    expected.method = .put
    expected.headers = ["X-Team: storage", "X-Plain:1"]
    expected.template = "/etc/anomalyd/body.json"
    expected.timeout = .seconds(3)
    expected.proxy = .credential("proxy")
    expected.caFile = "/ca.pem"
    expected.clientCertificate = "/cert.pem"
    expected.clientKey = "key"
    expected.bearerToken = "token"
    expected.resendInterval = .seconds(30)
    expected.maximumBytes = 1 << 20
    expected.members = true
    expected.minimumSeverity = .error
    expected.maximumAge = .seconds(7200)
    #expect(settings.outputs == [.init(name: "pager", section: expected)])
    var again = try Scratch.load(settings.describe())
    again.files = settings.files
    #expect(again == settings)
  }

  @Test(arguments: [
    ("URL=http://localhost:9093\nFormat=alertmanager"), ("RoutingKey=pd\nFormat=pagerduty"),
    ("URL=credential:slack\nFormat=slack"), ("URL=https://x\nSecret=hook"),
  ])
  func `needs no more than its format does`(text: String) throws {
    #expect(try Scratch.errors(Self.header + text) == [])
  }

  @Test(arguments: [
    (
      "Secret=s", 1, "URL",
      "expected the address of the endpoint, or credential:NAME, found nothing"
    ),
    (
      "URL=https://x", 1, "Secret", "expected the credential with the signing secret, found nothing"
    ),
    (
      "Format=pagerduty", 1, "RoutingKey",
      "expected the credential with PagerDuty's key, found nothing"
    ),
    (
      "URL=https://x\nFormat=template", 1, "Template",
      "expected the absolute path of the body's template, found nothing"
    ),
    (
      "URL=https://x\nFormat=slack\nSecret=s", 5, "Secret",
      "expected this key with Format=standard-webhooks only, found \"slack\""
    ),
    (
      "URL=https://x\nFormat=slack\nClientKey=k", 1, "ClientCertificate",
      "expected the certificate of ClientKey=, found nothing"
    ),
    (
      "URL=https://x\nFormat=slack\nClientCertificate=/k", 1, "ClientKey",
      "expected the credential with the certificate's key, found nothing"
    ),
  ])
  func `missing and useless keys are reported with their position`(
    text: String, line: Int, key: String, problem: String
  ) throws {
    let errors = try Scratch.errors(Self.header + text)
    let place = "/etc/anomalyd/anomalyd.conf:\(line): [Output pager] \(key)=: "
    #expect(errors.map(\.description) == [place + problem])
  }

  @Test func `a secret may be in a credential, and is masked otherwise`() throws {
    let settings = try Scratch.load(
      Self.header + """
        Format=slack
        URL=https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/xyzSECRET1?token=SECRET2
        Headers="X-Api-Key: SECRET3" "Authorization: credential:opsgenie" X-Empty:
        Proxy=http://proxy:3128
        """)
    let shown = settings.describe(masked: true)
    #expect(!shown.contains("SECRET"))
    #expect(shown.contains("URL=https://hooks.slack.com/services/***/***/***?***\n"))
    #expect(
      shown.contains(
        #"Headers="X-Api-Key: ***" "Authorization: credential:opsgenie" "X-Empty: ***""#))
    #expect(shown.contains("Proxy=http://proxy:3128\n"))
    #expect(settings.describe().contains("SECRET3"), "unmasked, it reads back")
    let harmless = "https://alerts.example.net/api/v2/alerts"
    let other = try Scratch.load(Self.header + "Format=slack\nURL=\(harmless)")
    #expect(other.describe(masked: true).contains("URL=\(harmless)\n"))
  }

  @Test(arguments: [
    "URL=https://user:SECRET@x/", "Secret=whsec_SECRET=", "BearerToken=SECRET/+",
    "Headers=\"X Y: SECRET\"", "Headers=\"X: credential:SECRET/\"", "Proxy=ftp://SECRET",
  ])
  func `a secret in the wrong place is not repeated by its error`(text: String) throws {
    let errors = try Scratch.errors(Self.header + "Format=slack\nURL=https://x\n" + text)
    #expect(errors.contains { $0.line == 5 })
    #expect(!errors.contains { $0.description.contains("SECRET") })
  }

  @Test(arguments: [
    "URL=ftp://x", "URL=https://", "URL=https://u:p@x/", "URL=x", "URL=https://a b",
    "URL=credential:",
    "URL=credential:../x", "Secret=a/b", "Secret=..", "Proxy=socks4://x", "Proxy=http://u:p@x",
    "Headers=X", "Headers=\"X Y: a\"", "Headers=:a", "Headers=\"X: ä\"", "Method=GET", "Timeout=0",
    "MaximumBytes=1", "Members=all", "MinimumSeverity=grave", "Template=x", "Format=teams",
  ])
  func `an invalid value is reported`(text: String) throws {
    let errors = try Scratch.errors(Self.header + "Format=slack\nURL=https://x\n" + text)
    #expect(errors.contains { $0.line == 5 })
  }

  @Test func `two identical sections are refused`() throws {
    let section = "Type=webhook\nFormat=slack\nURL=https://x\n"
    let errors = try Scratch.errors("[Output a]\n" + section + "[Output b]\n" + section)
    #expect(errors.count == 1)
    #expect(
      errors.first?.description.contains("conflicts with [Output a]: both say the same") == true)
  }
}
