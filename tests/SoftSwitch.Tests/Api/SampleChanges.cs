using SoftSwitch.Live;
using SoftSwitch.Model;

namespace SoftSwitch.Tests.Api;

/// <summary>Changes nothing, and answers what a test has it answer.</summary>
internal sealed class SampleChanges : ISwitchChanges
{
    private readonly Lock _lock = new();

    public SwitchModel Model { get; init; } = new() { Networks = [], Ports = [] };

    public ChangeOutcome Next { get; set; } = new(ChangeKind.Applied, []);

    /// <summary>What to do before it answers.</summary>
    public Action<ChangeRequest> Before { get; init; } = static _ => { };

    /// <summary>How it was asked, in order.</summary>
    public List<ChangeRequest> Asked { get; } = [];

    public ChangeOutcome Reload(ReloadChange change) => Answer(change);

    public ChangeOutcome Change(RunTimeChange change) => Answer(change);

    public ChangeOutcome Save(SaveChange change) => Answer(change);

    public ChangeOutcome Upgrade(ChangeRequest change) => Answer(change);

    /// <summary>How often another program was to go on.</summary>
    public int Upgrades { get; private set; }

    public void GoOn() => Upgrades++;

    private ChangeOutcome Answer(ChangeRequest change)
    {
        lock (_lock)
            Asked.Add(change);
        Before(change);
        return Next;
    }
}
