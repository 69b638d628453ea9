# %% [markdown]
# # 04c
