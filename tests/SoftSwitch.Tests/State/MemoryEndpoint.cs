using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Linux;

namespace SoftSwitch.Tests.State;

/// <summary>The outside half of a port that is nowhere but in memory.</summary>
/// <param name="disposing">What letting go of it does beside being counted.</param>
/// <param name="port">The port that it opens, once; left out, any.</param>
internal sealed class MemoryEndpoint(Action? disposing = null, DevicePort? port = null) : Endpoint
{
    private int _disposals;
    private DevicePort? _opened;

    /// <summary>How often it was let go of.</summary>
    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>How often it was opened, or was to be.</summary>
    public int Openings { get; private set; }

    /// <summary>How often its tick came.</summary>
    public int Ticks { get; private set; }

    /// <summary>What opening it does beside being counted.</summary>
    public Action? Opening { get; set; }

    /// <summary>What its tick does beside being counted.</summary>
    public Action? Ticking { get; set; }

    /// <summary>What it says it has dropped.</summary>
    public Func<KernelDrops> Dropping { get; set; } = static () => default;

    /// <summary>Where it is told that the state may be another one.</summary>
    public Action Changed { get; private set; } = static () => { };

    public Func<EndpointState> Stating { get; set; } = static () => EndpointState.Up;

    public override EndpointState State => Stating();

    public override void Leave(Inheritance heir) => heir.Leave($"memory {Openings}", "");

    public override string? Obstacle => null;

    public string? Complaining { get; set; }

    public override string? Complaint => Complaining;

    public override string? AwaitedInterface => "memory";

    public override DevicePort Open(EndpointSite site)
    {
        Openings++;
        Opening?.Invoke();
        Changed = site.Changed;
        return _opened = port ?? new RingPort("memory", new MacAddress(0x0200_0000_0001));
    }

    /// <summary>How long its longest packet may be.</summary>
    public override void Resize(int mtu) => _opened?.Mtu = mtu;

    public override void Tick(Instant now)
    {
        Ticks++;
        Ticking?.Invoke();
    }

    public override KernelDrops Dropped() => Dropping();

    public override void Dispose()
    {
        Interlocked.Increment(ref _disposals);
        disposing?.Invoke();
    }
}
