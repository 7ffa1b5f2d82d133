using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Control;

/// <summary>The API of a real switch on a port of a loopback address, asked by curl.</summary>
public sealed class ListenTests : IDisposable
{
    private const string Config = """
        listen: 127.0.0.1:18080
        networks: { lab: { mode: internal } }
        ports: { a: { network: lab, kind: tap } }
        """;

    private readonly NetNs _host = new("host");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Who_may_read_the_token_is_let_in_and_it_goes_with_the_switch()
    {
        Need.Tun();
        Need.Program("curl", ["--version"]);
        using var started = SoftSwitchProcess.Start(Config, _host);
        var token = $"{started.Socket}.token";
        Assert.Equal("0,640", Shell($"stat -c %u,%a {token}"));
        Assert.Equal("401", Status(""));
        Assert.Equal("401", Status("-H 'Authorization: Bearer no'"));
        Assert.Equal("200", Status($"-H \"Authorization: Bearer $(cat {token})\""));
        Assert.Equal("401", Status($"-H \"Authorization: Bearer $(cat {token})\" -H 'Host: attacker.example'"));
        started.Terminate();
        Assert.False(File.Exists(token));
    }

    [Fact]
    public void A_port_that_somebody_has_is_told_and_the_rest_runs()
    {
        Need.Tun();
        using var first = SoftSwitchProcess.Start(Config.Replace("{ a:", "{ b:"), _host);
        using var second = SoftSwitchProcess.Start(Config, _host);
        second.WaitForLine("listen: 127.0.0.1:18080: ");
        Assert.Equal(0, second.Client("show", "ports").ExitStatus);
        second.Terminate();
        first.Terminate();
    }

    private string Status(string options) =>
        Shell($"curl -s -o /dev/null -w '%{{http_code}}' {options} http://127.0.0.1:18080/v1/ports");

    private string Shell(string script) => _host.Exec("sh", ["-c", script]).Succeeded().Output.Trim();
}
