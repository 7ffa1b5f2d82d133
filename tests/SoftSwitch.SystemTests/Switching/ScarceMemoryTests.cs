using SoftSwitch.Config;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Changes;
using SoftSwitch.SystemTests.Linux;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Another model is applied where there is no memory for it.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class ScarceMemoryTests : IDisposable
{
    /// <summary>Filtering by address counts the remote addresses of all flows, in a table of 128 MiB.</summary>
    private const string Text = """
        networks:
          dev:
            mode: nat
            subnet: 10.1.0.0/24
            flows: 4000000
            filtering: FILTERING
            outside: { interface: nic, address: 192.0.2.10/24, gateway: 192.0.2.1 }
        ports:
          a: { network: dev, kind: tap }
          PORT: { network: dev, kind: tap }
        """;

    private const long Room = 64 * 1024 * 1024;

    private readonly Sandbox _host = Sandbox.Make();
    private RunningSwitch? _running;

    private Links Links => _host.Links;

    [Fact]
    public void A_change_that_there_is_no_memory_for_is_refused_and_can_be_made_when_there_is()
    {
        Sandbox.NeedsTun();
        Links.CreateVethPair("nic", null, "far", null);
        Array.ForEach(["nic", "far"], name => Links.SetUp(Links.Find(name)!.Index));
        _host.Namespace.Run(() => _running = RunningSwitch.Start(
            Parse("endpoint", "b"), isStrict: true, StationMacs.OfNames, AddressMemory.None, LeaseMemory.None, OutsideLeaseMemory.None,
            new RememberedLog()));
        var running = _running!;
        var (before, names, ports) = (running.Look(), Names(), running.Ports.All);
        var after = Parse("address", "c");
        for (var tries = 0; tries < 2; tries++)
        {
            using (new AddressSpace(Room))
            {
                var refusal = Assert.Throws<ChangeRefusedException>(() => running.Apply(after));
                Assert.StartsWith("out of memory: ", Assert.Single(refusal.Obstacles), StringComparison.Ordinal);
            }
            Assert.Same(before.Model, running.Look().Model);
            Assert.Same(before.Networks[0].Model, running.Look().Networks[0].Model);
            Assert.Equal(ports, running.Ports.All);
            Assert.Equal(names, Names());
        }

        running.Apply(after);
        Assert.Equal(["a", "c", "sh-nic"], running.Look().Ports.Select(port => port.Model.Name).Where(name => !name.Contains('.')).Order());
        Assert.Equal(Filtering.Address, running.Look().Model.Networks[0].Nat!.Filtering);
        Assert.Null(Links.Find("b"));
        running.Apply(Parse("address", "b"));
        Assert.Null(Links.Find("c"));
    }

    public void Dispose()
    {
        _running?.Dispose();
        _host.Dispose();
    }

    private List<string> Names() => [.. Links.List().Select(link => link.Name)];

    private static SwitchModel Parse(string filtering, string port)
    {
        var read = ConfigFile.Parse("test", Text.Replace("FILTERING", filtering, StringComparison.Ordinal)
            .Replace("PORT", port, StringComparison.Ordinal));
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        return read.Model;
    }
}
