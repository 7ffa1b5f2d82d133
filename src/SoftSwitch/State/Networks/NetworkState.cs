using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// A network that lives: its model, its bridge, and what its mode adds: ports for the host, and where it translates, a gateway. The ports
/// that the file gives it are in its bridge, and known to <see cref="SwitchPorts"/>. Used by the control loop alone, but for
/// <see cref="Look"/>.
/// </summary>
/// <param name="model">As the file has it.</param>
/// <param name="nat">What its translation knows of it; null: it doesn't translate.</param>
internal sealed class NetworkState(NetworkModel model, NatNetwork? nat)
{
    /// <summary>Of the forwarding database, a part each second, so that a silent station's memory is free within a quarter of the ageing
    /// time.</summary>
    private const int SweepsPerAgeing = 4;

    private volatile NetworkModel _model = model;

    /// <summary>As the file has it. For any thread.</summary>
    public NetworkModel Model => _model;

    public Bridge Bridge { get; } = new(model.Name, model.Ageing);

    /// <summary>What its translation knows of it; null: it doesn't translate.</summary>
    public NatNetwork? Nat => nat;

    /// <summary>The ports that its mode brings; no file names them.</summary>
    public List<PortState> ModePorts { get; } = [];

    /// <summary>What may be seen of it from any thread.</summary>
    public NetworkSnapshot Look() => new(Model, Bridge, nat?.Gateway is { Membership: not null } gateway ? gateway : null);

    /// <summary>It is to be another from now on, by no more than its comment, its ageing and how it is translated.</summary>
    public void Change(NetworkModel after)
    {
        _model = after;
        Bridge.Fdb.Ageing = after.Ageing;
    }

    /// <summary>Lets addresses count behind the ports alone that a model gives them to.</summary>
    public void Bind(SwitchModel model) => Bridge.Addresses = BoundAddresses.Of(Model, model);

    /// <summary>Puts the gateway in its place. The ways out come behind it.</summary>
    public void PlaceGateway()
    {
        if (nat is not null)
            Bridge.SetUp(Bridge.Attach(nat.Gateway), true);
    }

    /// <summary>Lets the host say which MAC its address in this network has.</summary>
    public void AnnounceHost() => ModePorts.ForEach(port => port.Endpoint.Announce());

    /// <summary>About once a second: gives back the memory of stations that have been silent for too long.</summary>
    public void Tick(Instant now) =>
        Bridge.Fdb.Sweep(now, (int)(Bridge.Fdb.BucketCount * SweepsPerAgeing / Model.Ageing.TotalSeconds) + 1);
}
