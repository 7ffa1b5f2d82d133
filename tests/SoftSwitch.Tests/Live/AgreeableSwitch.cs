using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;
using SoftSwitch.State;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.Live;

/// <summary>Runs whatever a model says, in no time and without a machine, unless a test has something in the way.</summary>
internal sealed class AgreeableSwitch(SwitchModel model) : IChangeable
{
    private readonly Bridge _bridge = new("any", TimeSpan.FromSeconds(300));

    public SwitchModel Model { get; private set; } = model;

    /// <summary>What is in the way of a model; empty: nothing.</summary>
    public Func<SwitchModel, IReadOnlyList<string>> Obstacles { get; set; } = static _ => [];

    /// <summary>How many models it was given.</summary>
    public int Applied { get; private set; }

    public ModelDifference Apply(SwitchModel model)
    {
        if (Obstacles(model) is { Count: > 0 } obstacles)
            throw new ChangeRefusedException(obstacles);
        var difference = ModelDifference.Between(Model, model);
        Model = model;
        Applied++;
        return difference;
    }

    public (ModelDifference Difference, IReadOnlyList<string> Obstacles) Compare(SwitchModel model) =>
        (ModelDifference.Between(Model, model), Obstacles(model));

    public SwitchSnapshot Look() => new(Model, DateTimeOffset.UnixEpoch, new(1_000_000),
        [.. Model.Networks.Select(network => new NetworkSnapshot(network, _bridge, null))],
        [.. Model.Ports.Select(port => new PortSnapshot(
            port, _bridge, 1, PortStatus.Up, null, port.Name, null, null, static () => new PortCounters()))], []);
}
