namespace SoftSwitch.Live;

/// <summary>What a change does to what it names.</summary>
internal enum ChangeVerb
{
    Add,
    Set,
    Remove,
}
