using SoftSwitch.Model;

namespace SoftSwitch.Live;

/// <summary>What holds for a change, whatever it is.</summary>
internal record ChangeRequest
{
    /// <summary>It is only asked what would change.</summary>
    public bool IsDry { get; init; }

    /// <summary>Who asks may have this process write files: root, or the user that it runs as.</summary>
    public bool IsOwner { get; init; } = true;

    /// <summary>What runs is what the client has seen; null: any will do.</summary>
    public Func<SwitchModel, bool>? IsStill { get; init; }
}
