using SoftSwitch.Model;

namespace SoftSwitch.Live;

/// <summary>What may be changed of a switch that runs. Any thread may ask; whoever asks waits until it is done.</summary>
internal interface ISwitchChanges
{
    /// <summary>What runs.</summary>
    SwitchModel Model { get; }

    /// <summary>Has what runs become what the file says now, or says what would change.</summary>
    ChangeOutcome Reload(ReloadChange change);

    /// <summary>Makes, changes or removes networks, ports or forwards, all or nothing, or says what would change.</summary>
    ChangeOutcome Change(RunTimeChange change);

    /// <summary>Writes what was said at run time into the file, or says what would be written.</summary>
    ChangeOutcome Save(SaveChange change);
}
