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

    /// <summary>Says whether the program that is installed by now can go on with what runs; <see cref="GoOn"/> has it do so.</summary>
    ChangeOutcome Upgrade(ChangeRequest change);

    /// <summary>Has it go on in this process. Returns only where it doesn't come, which is told in the log.</summary>
    void GoOn();
}
