using SoftSwitch.Model;

namespace SoftSwitch.Live;

/// <summary>The program that may go on in place of this one, in the same process: a planned restart.</summary>
internal interface INextProgram
{
    /// <summary>Asks whether it can go on with what runs. Nothing happens to that.</summary>
    /// <param name="model">What runs.</param>
    /// <param name="version">Its own, and where it is, when it can.</param>
    /// <returns>Why it can't; null: it can.</returns>
    string? Ask(SwitchModel model, out string version);

    /// <summary>Has it go on. Returns only where it doesn't come, which is told; what runs goes on, then.</summary>
    /// <param name="written">What the model was made of, a line.</param>
    void Begin(string written);
}
