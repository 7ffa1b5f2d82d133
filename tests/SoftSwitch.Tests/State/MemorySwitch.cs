using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.State;

/// <summary>A worker and ports without a machine around them: the test's thread is the control loop.</summary>
internal sealed class MemorySwitch : INatSwitch, IDescriptorWatch, IDisposable
{
    private readonly RememberedLog _log = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public Inheritance Inherited { get; } = Inheritance.Nothing;

    public MemorySwitch()
    {
        Workers = new(static (_, _) => { }, e => Assert.Fail($"{e}"));
        Workers.Start(new() { Networks = [], Ports = [], Workers = 1 });
        var news = new PortNews(_log);
        var lifecycle = new PortLifecycle(
            Workers, this, new(this, static _ => { }, e => Assert.Fail($"{e}")), news, static _ => { }, static _ => { });
        Ports = new(lifecycle, Workers, news, static port => port.Model.Name.StartsWith("host", StringComparison.Ordinal), Post);
    }

    public Bridge Bridge { get; } = new("lab", TimeSpan.FromSeconds(300));

    public StationMacs Macs => StationMacs.OfNames;

    public AddressMemory Addresses { get; } = AddressMemory.None;

    public OutsideLeaseMemory OutsideLeases { get; } = OutsideLeaseMemory.None;

    public ISwitchLog Log => _log;

    public SwitchPorts Ports { get; }

    public SwitchWorkers Workers { get; }

    public Bridge? BridgeOn(int index, string name) => null;

    /// <summary>What was told.</summary>
    public IReadOnlyList<LogLine> Lines => _log.Lines;

    public static PortModel Port(string name) => new TapModel { Name = name, Network = "lab", Interface = name, Mtu = 1500 };

    /// <summary>Those whose names begin with "host" are brought by a mode.</summary>
    public PortState Add(string name, Endpoint endpoint) => Ports.Add(Port(name), endpoint, Bridge);

    /// <summary>Does what was posted to the control loop, until something has become true.</summary>
    public void RunUntil(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(() =>
    {
        while (_posted.TryDequeue(out var action))
            action();
        return isSo();
    }, TimeSpan.FromSeconds(60)));

    /// <summary>There are no descriptors.</summary>
    public void Watch(int fd, Action ready)
    {
    }

    public void Unwatch(int fd)
    {
    }

    public void Dispose()
    {
        Workers.Dispose();
        Ports.Remove(Ports.All);
    }

    /// <summary>What a worker posts waits.</summary>
    private void Post(Action action)
    {
        if (Environment.CurrentManagedThreadId == _thread)
            action();
        else
            _posted.Enqueue(action);
    }
}
