namespace SoftSwitch.Api.Lists;

/// <summary>A request that gets a problem for an answer.</summary>
/// <param name="status">The HTTP status, 400 to 599.</param>
/// <param name="detail">One line: what is wrong, and the cure.</param>
/// <param name="errors">Each thing that is wrong, where there may be several.</param>
internal sealed class ProblemException(int status, string detail, IReadOnlyList<string>? errors = null) : Exception(detail)
{
    public int Status => status;

    public IReadOnlyList<string>? Errors => errors;
}
