using SoftSwitch.Live;

namespace SoftSwitch.Tests.Api;

/// <summary>Changes nothing, and answers what a test has it answer.</summary>
internal sealed class SampleChanges : ISwitchChanges
{
    public ReloadOutcome Next { get; set; } = new(ReloadKind.Applied, []);

    /// <summary>How it was asked, in order.</summary>
    public List<bool> Asked { get; } = [];

    public ReloadOutcome Reload(bool isDry)
    {
        Asked.Add(isDry);
        return Next;
    }
}
