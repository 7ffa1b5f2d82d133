namespace SoftSwitch.SystemTests.Peers;

/// <summary>coturn's STUN server (RFC 5780: two addresses, two ports) in one namespace, and its discovery client in another.</summary>
internal sealed class NatDiscovery : IDisposable
{
    private readonly BackgroundProcess _server;
    private readonly string _database = TemporaryFolder.NewPath(".db");
    private readonly string _pid = TemporaryFolder.NewPath(".pid");
    private readonly string _address;

    /// <summary>Starts the server at two addresses of the namespace.</summary>
    public NatDiscovery(NetNs ns, string address, string other)
    {
        Need.Tool("turnserver");
        _address = address;
        _server = ns.Start("turnserver", "-n", "-S", "-z", "--no-tls", "--no-dtls", "--no-cli", "-L", address, "-L", other,
            "-p", "3478", "--alt-listening-port", "3479", "-b", _database, "--log-file", "stdout", "--pidfile", _pid, "-v");
        _server.WaitForLine(line => line.Contains($"UDP listener opened on: {other}:3479")
            || line.Contains($"UDP listener opened on : {other}:3479"));
        _server.WaitForLine(line => line.Contains("Total General servers"));
    }

    /// <summary>The verdict on mapping, such as "Endpoint Independent Mapping".</summary>
    public string Mapping(IStation client) => Verdict(client, "-m", "Mapping!");

    /// <summary>The verdict on filtering, such as "Address and Port Dependent Filtering".</summary>
    public string Filtering(IStation client) => Verdict(client, "-f", "Filtering!");

    public void Dispose()
    {
        _server.Dispose();
        File.Delete(_database);
        File.Delete(_pid);
    }

    private string Verdict(IStation client, string what, string ending)
    {
        var result = client.Run($"turnutils_natdiscovery {what} {_address}");
        var line = result.Output.Split('\n').FirstOrDefault(line => line.StartsWith("NAT with ") && line.EndsWith(ending));
        if (line is null) Assert.Fail($"no verdict: {result}\n{_server.All()}");
        return line["NAT with ".Length..^1];
    }
}
