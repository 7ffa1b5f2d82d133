namespace SoftSwitch.State.Changes;

/// <summary>A model can't be applied to what runs, and nothing of it was.</summary>
/// <param name="obstacles">Why, in plain words: all that takes a new start, or the first that the machine refused.</param>
internal sealed class ChangeRefusedException(IReadOnlyList<string> obstacles) : Exception(string.Join("; ", obstacles))
{
    public IReadOnlyList<string> Obstacles => obstacles;
}
